/** What a task's case is about, in one line of facts. */
import type { UserTask } from '../../api/schema';
import { DateTime } from '../../ui/DateTime';
import { Money } from '../../ui/Money';
import { Colleague, Due } from './cells';
import { factsOf } from './facts';
import { optionText } from './formFields';
import styles from './review.module.css';
import { useText } from './strings';
import { useFields, useTaskVariables } from './taskCase';

export function TaskHeader({ task }: { task: UserTask }) {
  const t = useText();
  const facts = factsOf(useTaskVariables(task.userTaskKey).data ?? {});
  const product = useFields(task).fields.find(({ path }) => path === 'loanProduct');
  // A process may have no form that names its products: nothing is better than a code.
  const productName = facts.product === undefined ? null : optionText(product, facts.product);
  return (
    <dl className={styles.header}>
      {task.businessId !== null && <Fact label={t('column.businessId')}>{task.businessId}</Fact>}
      {facts.applicant !== undefined && <Fact label={t('column.applicant')}>{facts.applicant}</Fact>}
      {facts.amount !== undefined && (
        <Fact label={t('column.amount')}>
          <strong>
            <Money value={facts.amount} capitals />
          </strong>
        </Fact>
      )}
      {productName !== null && <Fact label={t('column.product')}>{productName}</Fact>}
      <Fact label={t('column.process')}>{task.processName ?? task.processDefinitionId}</Fact>
      <Fact label={t('column.arrived')}>
        <DateTime value={task.creationDate} />
      </Fact>
      <Fact label={t('column.due')}>
        <Due dueDate={task.dueDate} isOpen={task.state === 'CREATED'} />
      </Fact>
      <Fact label={t('column.assignee')}>
        <Colleague username={task.assignee} />
      </Fact>
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
