/** One's own draft of a task: kept on the server while somebody types, restored when they come back. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';

import { api, dataOf } from '../../api/client';
import type { UserTaskDraft } from '../../api/schema';
import { DraftKeeper, type DraftState, type Values } from './draftKeeper';

const keyOf = (task: string) => ['review', 'draft', task];

/** The draft as it was when the task was opened; null where there is none. */
export function useKeptDraft(task: string, enabled: boolean) {
  return useQuery({
    queryKey: keyOf(task),
    queryFn: async (): Promise<UserTaskDraft | null> =>
      (await api.GET('/v2/user-tasks/{key}/draft', { params: { path: { key: task } } })).data ?? null,
    enabled,
    staleTime: Infinity,
    gcTime: 0,
  });
}

export interface Draft extends DraftState {
  change: (values: Values) => void;
  /** Save nothing while the task is submitted, and wait for what is being saved: it would come too late. */
  hold: () => Promise<void>;
  /** Save again: the task was not taken. */
  goOn: () => void;
  /** The task is done: its draft is gone with it. */
  end: () => void;
  discard: () => Promise<void>;
}

export function useDraft(task: string, kept: UserTaskDraft | null): Draft {
  const cache = useQueryClient();
  const path = useMemo(() => ({ params: { path: { key: task } } }), [task]);
  const savedAt = kept?.savedAt ?? null;
  const [state, setState] = useState<DraftState>({ status: savedAt ? 'saved' : 'none', savedAt });
  const keeper = useMemo(() => {
    const save = async (variables: Values) =>
      (await dataOf(api.PUT('/v2/user-tasks/{key}/draft', { ...path, body: { variables } }))).savedAt;
    return new DraftKeeper(save, setState, savedAt);
  }, [path, savedAt]);

  useEffect(() => {
    const flush = () => void keeper.flush();
    const hide = () => document.visibilityState === 'hidden' && flush();
    const warn = (event: BeforeUnloadEvent) => keeper.isUnsaved && event.preventDefault();
    window.addEventListener('online', flush);
    document.addEventListener('visibilitychange', hide);
    window.addEventListener('beforeunload', warn);
    return () => {
      window.removeEventListener('online', flush);
      document.removeEventListener('visibilitychange', hide);
      window.removeEventListener('beforeunload', warn);
      // Whoever leaves before the answer to a submission has come keeps what they typed.
      keeper.goOn();
      flush();
    };
  }, [keeper]);

  return {
    ...state,
    change: (values) => keeper.change(values),
    hold: () => keeper.hold(),
    goOn: () => keeper.goOn(),
    end: () => keeper.close(),
    discard: async () => {
      keeper.close();
      await keeper.hold();
      await api.DELETE('/v2/user-tasks/{key}/draft', path);
      await cache.resetQueries({ queryKey: keyOf(task) });
    },
  };
}
