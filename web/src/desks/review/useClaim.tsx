/** Taking a task and putting it back; what the lists and counts show follows at once. */
import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { App } from 'antd';

import { refresh } from '../../api/live';
import { asProblem } from '../../api/problem';
import type { UserTask } from '../../api/schema';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { useText } from './strings';
import { claim, readTasks, release } from './tasks';
import { patched, type Rows } from './useNews';

/** Show a task as it is now in all lists, in its place. */
export async function showAsItIs(cache: QueryClient, key: string): Promise<void> {
  const task = (await readTasks([key])).get(key) ?? null;
  cache.setQueriesData<Rows>({ queryKey: ['review', 'rows'] }, (rows) => rows && patched(rows, [{ key, task }]));
  refresh(cache, ['user-task']);
}

/** The boxes are read anew when they are opened next; the one that is open keeps its place. */
export function forgetBoxes(cache: QueryClient): void {
  cache.removeQueries({ queryKey: ['review', 'rows'], type: 'inactive' });
  refresh(cache, ['user-task']);
}

/** Claim a task; the lists show who has it now, and a lost race is told, unless the page itself does. */
export function useClaim({ tellsItself = false } = {}) {
  const t = useText();
  const cache = useQueryClient();
  const { notification } = App.useApp();
  return useMutation({
    mutationFn: ({ userTaskKey }: UserTask) => claim(userTaskKey),
    onSettled: (_, __, { userTaskKey }) => {
      forgetBoxes(cache);
      void showAsItIs(cache, userTaskKey);
    },
    onError: (error, { userTaskKey }) => {
      if (tellsItself) return;
      notification.open({
        key: `claim-${userTaskKey}`,
        title: null,
        description: <ProblemNotice error={error} {...(asProblem(error).isConflict && { title: t('lost.title') })} />,
        duration: 8,
      });
    },
  });
}

export function useRelease() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ userTaskKey }: UserTask) => release(userTaskKey),
    onSettled: (_, __, { userTaskKey }) => {
      forgetBoxes(cache);
      void showAsItIs(cache, userTaskKey);
    },
  });
}
