/** The columns of the boxes. */
import { useMemo } from 'react';

import type { Column } from '../../ui/DataTable';
import { DateTime } from '../../ui/DateTime';
import { Duration } from '../../ui/Duration';
import { Money } from '../../ui/Money';
import { Groups } from '../../ui/Person';
import type { Box } from './boxes';
import { Became, Colleague, Due, Priority } from './cells';
import styles from './review.module.css';
import { useText } from './strings';
import type { ListedTask } from './tasks';

export function useColumns(box: Box): readonly Column<ListedTask>[] {
  const t = useText();
  return useMemo(() => {
    const isDone = box === 'done';
    const columns: Column<ListedTask>[] = [
      {
        key: 'task',
        title: t('column.task'),
        width: 208,
        sort: 'name',
        render: (task) => (
          <>
            {task.name ?? task.elementId} <Became task={task} box={box} />
          </>
        ),
      },
      { key: 'businessId', title: t('column.businessId'), width: 170, sort: 'businessId', render: ({ businessId }) => businessId ?? '—' },
      { key: 'applicant', title: t('column.applicant'), width: 112, render: ({ facts }) => facts.applicant ?? '—' },
      { key: 'amount', title: t('column.amount'), width: 120, align: 'end', render: ({ facts }) => <Money value={facts.amount} /> },
      { key: 'process', title: t('column.process'), width: 110, render: (task) => task.processName ?? task.processDefinitionId },
      {
        key: 'arrived',
        title: t('column.arrived'),
        width: 110,
        sort: 'creationDate',
        hidden: isDone,
        render: ({ creationDate }) => <DateTime value={creationDate} show="exact" />,
      },
      {
        key: 'due',
        title: t('column.due'),
        width: 184,
        sort: 'dueDate',
        hidden: isDone,
        render: ({ dueDate, state }) => <Due dueDate={dueDate} isOpen={state === 'CREATED'} />,
      },
      {
        key: 'completed',
        title: t('column.completed'),
        width: 120,
        sort: 'completionDate',
        hidden: !isDone,
        render: ({ completionDate }) => <DateTime value={completionDate} />,
      },
      {
        key: 'took',
        title: t('column.took'),
        width: 120,
        hidden: !isDone,
        render: ({ creationDate, completionDate }) => <Duration from={creationDate} to={completionDate} />,
      },
      {
        key: 'assignee',
        title: t('column.assignee'),
        width: 100,
        hidden: box !== 'claimable',
        render: ({ assignee }) => <Colleague username={assignee} />,
      },
      { key: 'priority', title: t('column.priority'), width: 80, sort: 'priority', render: ({ priority }) => <Priority value={priority} /> },
      { key: 'groups', title: t('column.groups'), width: 160, hidden: true, render: ({ candidateGroups }) => <Groups ids={candidateGroups} /> },
      {
        key: 'version',
        title: t('column.version'),
        width: 100,
        hidden: true,
        render: ({ processDefinitionVersion }) => <span className="tabular">{processDefinitionVersion}</span>,
      },
    ];
    return columns.filter(({ key }) => isDone || (key !== 'completed' && key !== 'took'));
  }, [t, box]);
}

/** A task as a card, on a telephone. */
export function TaskCard({ task, box }: { task: ListedTask; box: Box }) {
  const isOpen = task.state === 'CREATED';
  return (
    <>
      <span className={styles.cardLine}>
        <strong className={styles.cut}>{task.name ?? task.elementId}</strong>
        <Became task={task} box={box} />
        {task.priority > 50 && <Priority value={task.priority} />}
      </span>
      <span className={styles.cardLine}>
        <span className={styles.cut}>{[task.facts.applicant, task.businessId].filter(Boolean).join(' · ')}</span>
        {task.facts.amount !== undefined && <Money value={task.facts.amount} />}
      </span>
      <span className={`${styles.cardLine} small secondary`}>
        <span className={styles.cut}>{task.processName ?? task.processDefinitionId}</span>
        {box === 'done' ? <DateTime value={task.completionDate} /> : <Due dueDate={task.dueDate} isOpen={isOpen} />}
      </span>
    </>
  );
}
