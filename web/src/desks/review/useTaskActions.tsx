/** What can be done with a task on its page: claim it, put it back, check it, submit it, go on to the next one. */
import { App, Button } from 'antd';
import { useMemo, useRef, useState } from 'react';
import { useNavigate } from 'react-router';

import { asProblem } from '../../api/problem';
import type { Form, UserTask } from '../../api/schema';
import { usePreference } from '../../shell/preferences';
import type { FormHandle } from '../../ui/FormView';
import type { Values } from './draftKeeper';
import { useText } from './strings';
import { editableNames, only } from './TaskForm';
import { nextTask } from './tasks';
import { useClaim, useRelease } from './useClaim';
import type { Draft } from './useDraft';
import { useSubmission } from './useSubmission';

export type TaskActions = ReturnType<typeof useTaskActions>;

interface Page {
  task: UserTask;
  form: Form | null;
  draft: Draft;
  /** The list from which the task was opened. */
  back: string;
  /** Bring the form to the front. */
  showForm: () => void;
}

export function useTaskActions({ task, form, draft, back, showForm }: Page) {
  const t = useText();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const handle = useRef<FormHandle>(null);
  const [asked, setAsked] = useState<Values | null>(null);
  const [goesOn, setGoesOn] = usePreference('review.next', true);
  const claim = useClaim({ tellsItself: true });
  const release = useRelease();
  const sending = useRef(false);
  const submission = useSubmission(task.userTaskKey, draft);
  const name = task.name ?? task.elementId;
  const problem = useMemo(() => (submission.error === null ? null : asProblem(submission.error)), [submission.error]);
  const fieldErrors = useMemo(() => problem?.fieldErrors() ?? {}, [problem]);

  /** To the next task that waits, where that is wished for and there is one; else to the list. */
  const goOn = async (wished: boolean) => {
    const next = wished ? await nextTask(task.userTaskKey).catch(() => null) : null;
    if (wished && next === null) void message.info(t('task.allDone'));
    const from = next?.assignee === null ? 'claimable' : 'todo';
    void navigate(next ? `/review/tasks/${next.userTaskKey}?from=${from}` : back);
  };

  /** Check what was entered and ask whether to submit it. */
  const ask = () => {
    submission.reset();
    showForm();
    if (!form) return setAsked({});
    const entered = handle.current?.submit();
    if (entered?.data) return setAsked(only(entered.data, editableNames(form.schema)));
    if (entered && entered.wrong > 0) void message.warning(t('task.wrong', { count: entered.wrong }));
  };

  const send = () => {
    // Pressed twice before the page has drawn that it sends, it is sent once.
    if (asked === null || sending.current) return;
    sending.current = true;
    submission.mutate(asked, {
      onSettled: () => {
        sending.current = false;
      },
      onSuccess: () => {
        draft.end();
        setAsked(null);
        void message.success(t('task.submitted', { name }));
        void goOn(goesOn);
      },
      onError: (error) => {
        const { isConflict, errors } = asProblem(error);
        if (isConflict || errors.length > 0) setAsked(null);
      },
    });
  };

  const take = () => claim.mutate(task);
  const takeAgain = () => {
    message.destroy();
    claim.mutate(task, { onSuccess: () => void message.success(t('release.undone')) });
  };
  const putBack = () =>
    release.mutate(task, {
      onSuccess: () => {
        const undo = (
          <Button type="link" size="small" onClick={takeAgain}>
            {t('release.undo')}
          </Button>
        );
        const content = (
          <>
            {t('release.done', { name })} {undo}
          </>
        );
        void message.open({ type: 'success', duration: 8, content });
      },
    });

  const lost = [submission.error, claim.error].find((error) => error !== null && asProblem(error).isConflict) ?? null;
  return {
    handle,
    asked,
    cancel: () => setAsked(null),
    ask,
    send,
    take,
    putBack,
    goOn,
    goesOn,
    setGoesOn,
    isBusy: claim.isPending || release.isPending,
    isSending: submission.isPending,
    problem,
    fieldErrors,
    /** Somebody was faster. */
    lost,
    /** Why it could be neither claimed nor put back. */
    failure: lost === null ? (claim.error ?? release.error) : null,
  };
}
