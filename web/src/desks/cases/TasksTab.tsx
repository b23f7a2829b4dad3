/** The tasks of people in an instance. */
import { Link } from 'react-router';

import { useMay } from '../../api/me';
import type { UserTask } from '../../api/schema';
import { StateTag } from '../../processes/States';
import { taskAddress } from '../../shell/addresses';
import { DateTime } from '../../ui/DateTime';
import { Duration } from '../../ui/Duration';
import { useGroupNames, useNames } from '../../ui/names';
import { Person } from '../../ui/Person';
import plain from '../../ui/PlainTable.module.css';
import { CaseRows, Place } from './Rows';
import { useText } from './strings';
import type { CaseView } from './view';

export function TasksTab({ view }: { view: CaseView }) {
  const t = useText();
  const may = useMay();
  const opensTasks = may('user-task:complete');
  return (
    <CaseRows view={view} pick={({ userTasks }) => userTasks} empty={t('tasks.none')} hint={t('tasks.noneWhy')}>
      {(rows) => (
        <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('tab.tasks')}>
          <table className={plain.table}>
            <thead>
              <tr>
                <th scope="col">{t('tasks.task')}</th>
                <th scope="col">{t('state')}</th>
                <th scope="col">{t('tasks.who')}</th>
                <th scope="col">{t('tasks.created')}</th>
                <th scope="col">{t('tasks.due')}</th>
                <th scope="col">{t('case.duration')}</th>
                {opensTasks && <th scope="col">{t('tasks.open')}</th>}
              </tr>
            </thead>
            <tbody>
              {rows.map((task) => (
                <tr key={task.userTaskKey}>
                  <th scope="row">
                    <Place view={view} id={task.elementId} instanceKey={task.processInstanceKey} name={task.name} />
                  </th>
                  <td>
                    <StateTag state={task.suspended ? 'SUSPENDED' : task.state} />
                  </td>
                  <td>
                    <Who task={task} />
                  </td>
                  <td>
                    <DateTime value={task.creationDate} />
                  </td>
                  <td>
                    <DateTime value={task.dueDate} limit={task.state === 'CREATED'} />
                  </td>
                  <td>
                    <Duration from={task.creationDate} to={task.completionDate} />
                  </td>
                  {opensTasks && <td>{task.state === 'CREATED' && <Link to={taskAddress(task.userTaskKey)}>{t('tasks.open')}</Link>}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </CaseRows>
  );
}

/** Who did it, has it, or could. */
function Who({ task: { completedBy, assignee, candidateGroups, candidateUsers } }: { task: UserTask }) {
  const t = useText();
  const nameOf = useNames(candidateUsers);
  const groupOf = useGroupNames(candidateGroups);
  const person = completedBy ?? assignee;
  if (person) return <Person username={person} />;
  return <>{t('tasks.candidates', { names: [...candidateGroups.map(groupOf), ...candidateUsers.map(nameOf)].join(', ') || '—' })}</>;
}
