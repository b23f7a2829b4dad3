/** A task: what it is about, its form, the case around it, and what can be done. */
import { ArrowLeftOutlined } from '@ant-design/icons';
import { Button, Skeleton } from 'antd';
import { useState } from 'react';
import { useHref, useLinkClickHandler, useParams, useSearchParams } from 'react-router';

import { useMay, useMe } from '../../api/me';
import { useNarrow } from '../../ui/media';
import { PageFrame } from '../../ui/PageFrame';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { isBox } from './boxes';
import { useText } from './strings';
import { useTaskForm, useTaskVariables } from './taskCase';
import { useTask } from './tasks';
import { standingOf } from './taskState';
import { TaskView } from './TaskView';
import { useKeptDraft } from './useDraft';

export function TaskPage() {
  const t = useText();
  const me = useMe();
  const may = useMay();
  const key = useParams().key!;
  const [parameters] = useSearchParams();
  const from = parameters.get('from');
  const back = `/review/${isBox(from) ? from : 'todo'}`;

  const task = useTask(key);
  const variables = useTaskVariables(key);
  const form = useTaskForm(key);
  const isMine = task.data !== undefined && standingOf(task.data, me, may) === 'mine';
  const kept = useKeptDraft(key, isMine);
  // A task that becomes mine begins with my draft; one that ceases to be mine stays as it is, with what happened to it.
  const [begun, setBegun] = useState<string | null>(null);
  if (isMine && begun !== key) setBegun(key);

  const wanted = [task, variables, form, ...(isMine ? [kept] : [])];
  const failed = wanted.find(({ isError, data }) => isError && data === undefined);
  if (failed) {
    const retry = () => void Promise.all(wanted.filter(({ isError }) => isError).map((each) => each.refetch()));
    return (
      <PageFrame title={task.data?.name ?? t('task.missing')} actions={<Back to={back} />}>
        <ProblemNotice error={failed.error} title={t('task.missing')} retry={retry} />
      </PageFrame>
    );
  }
  if (!task.data || !variables.data || form.data === undefined || (isMine && kept.data === undefined)) {
    return (
      <PageFrame title={task.data?.name ?? t('task.loading')} actions={<Back to={back} />}>
        <Skeleton active paragraph={{ rows: 10 }} />
      </PageFrame>
    );
  }
  return <TaskView key={`${key} ${begun === key}`} task={task.data} form={form.data} variables={variables.data} kept={kept.data ?? null} back={back} />;
}

export function Back({ to }: { to: string }) {
  const t = useText();
  const narrow = useNarrow();
  const href = useHref(to);
  const follow = useLinkClickHandler<HTMLElement>(to);
  return (
    <Button icon={<ArrowLeftOutlined />} href={href} onClick={follow as never} aria-label={t('task.back')}>
      {!narrow && t('task.back')}
    </Button>
  );
}
