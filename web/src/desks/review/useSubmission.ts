/** Sending what was entered into a task; a second try after a lost answer does not send it twice. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';

import { api, newKey } from '../../api/client';
import { asProblem } from '../../api/problem';
import type { Values } from './draftKeeper';
import { forgetBoxes, showAsItIs } from './useClaim';
import type { Draft } from './useDraft';

export function useSubmission(task: string, draft: Pick<Draft, 'hold' | 'goOn'>) {
  const cache = useQueryClient();
  const attempt = useRef({ body: '', key: '' });
  return useMutation({
    mutationFn: async (variables: Values) => {
      await draft.hold();
      const body = JSON.stringify(variables);
      if (attempt.current.body !== body) attempt.current = { body, key: newKey() };
      return api.POST('/v2/user-tasks/{key}/completion', {
        params: { path: { key: task }, header: { 'Idempotency-Key': attempt.current.key } },
        body: { variables },
      });
    },
    onSuccess: () => forgetBoxes(cache),
    onError: (error) => {
      draft.goOn();
      // Refused once, the same values may be accepted later; only an answer that was lost is asked for again.
      if (!asProblem(error).mayPass) attempt.current = { body: '', key: '' };
      if (asProblem(error).isConflict) void showAsItIs(cache, task);
    },
  });
}
