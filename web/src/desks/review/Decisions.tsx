/** Why the case stands as it does: each decision of its rules in sentences, with the rules that matched. */
import { useQuery } from '@tanstack/react-query';
import { Collapse, Skeleton, Tag } from 'antd';

import { api, dataOf, query } from '../../api/client';
import type { DecisionInstance, UserTask } from '../../api/schema';
import { useSpoken } from '../../processes/spoken';
import { DateTime } from '../../ui/DateTime';
import { DecisionTableView } from '../../ui/DecisionTableView';
import { EmptyState } from '../../ui/EmptyState';
import { ProblemNotice } from '../../ui/ProblemNotice';
import styles from './review.module.css';
import { useText } from './strings';

/** An evaluation: the decision that was asked, and those that it required. */
export interface Evaluation {
  key: string;
  asked: DecisionInstance;
  parts: DecisionInstance[];
}

/** Decision instances by the evaluation they belong to, the newest first; the one asked stands last in each. */
export function evaluationsOf(instances: readonly DecisionInstance[]): Evaluation[] {
  const byKey = new Map<string, DecisionInstance[]>();
  for (const instance of instances) {
    byKey.set(instance.decisionEvaluationKey, [...(byKey.get(instance.decisionEvaluationKey) ?? []), instance]);
  }
  return [...byKey].map(([key, found]) => {
    const parts = [...found].sort((one, other) => numberOf(one) - numberOf(other));
    return { key, asked: parts.at(-1)!, parts };
  });
}

const numberOf = ({ decisionEvaluationInstanceKey }: DecisionInstance) => Number(decisionEvaluationInstanceKey.split('-')[1] ?? 0);

export function Decisions({ task }: { task: UserTask }) {
  const t = useText();
  const found = query.useQuery('post', '/v2/decision-instances/search', {
    body: {
      filter: { processInstanceKey: task.processInstanceKey },
      sort: [{ field: 'evaluationDate', order: 'DESC' }],
      page: { limit: 500 },
    },
  });
  if (found.isPending) return <Skeleton active />;
  if (!found.data) return <ProblemNotice error={found.error} retry={() => void found.refetch()} />;
  const evaluations = evaluationsOf(found.data.items);
  if (evaluations.length === 0) return <EmptyState title={t('decisions.none')} hint={t('decisions.noneWhy')} />;
  return (
    <div className={styles.stack}>
      {evaluations.map((evaluation) => (
        <EvaluationPanel key={evaluation.key} evaluation={evaluation} />
      ))}
    </div>
  );
}

function EvaluationPanel({ evaluation: { asked, parts } }: { evaluation: Evaluation }) {
  const t = useText();
  const name = asked.decisionDefinitionName || asked.decisionDefinitionId;
  return (
    <section className={styles.panel} aria-label={name}>
      <h2>
        {name} <span className="secondary small">{t('decisions.version', { version: asked.decisionDefinitionVersion })}</span>
        <span className={`${styles.right} secondary small`}>
          <DateTime value={asked.evaluationDate} />
        </span>
      </h2>
      {asked.state === 'FAILED' ? (
        <p className={styles.overdue}>
          {t('decisions.failed')}: {asked.evaluationFailure}
        </p>
      ) : (
        <Sentences instanceKey={asked.decisionEvaluationInstanceKey} />
      )}
      <Collapse
        ghost
        size="small"
        items={[
          {
            key: 'tables',
            label: t('decisions.table'),
            children: parts
              .filter(({ decisionDefinitionType }) => decisionDefinitionType !== 'UNSPECIFIED' && decisionDefinitionType !== 'UNKNOWN')
              .map((part) => <Matched key={part.decisionEvaluationInstanceKey} instance={part} />),
          },
        ]}
      />
    </section>
  );
}

function Sentences({ instanceKey }: { instanceKey: string }) {
  const t = useText();
  const found = query.useQuery(
    'get',
    '/v2/decision-instances/{evaluation_instance_key}/explanation',
    { params: { path: { evaluation_instance_key: instanceKey } } },
    { staleTime: Infinity },
  );
  if (found.isPending) return <Skeleton active title={false} paragraph={{ rows: 2 }} />;
  if (!found.data) return <ProblemNotice error={found.error} retry={() => void found.refetch()} />;
  const { decisions, reasonCodes } = found.data;
  return (
    <>
      <ul className={styles.sentences}>
        {decisions.flatMap(({ decisionId, depth, sentences }) =>
          sentences.map((sentence, index) => (
            <li key={`${decisionId} ${index}`} style={{ marginInlineStart: depth * 20 }}>
              {sentence}
            </li>
          )),
        )}
      </ul>
      {reasonCodes.length > 0 && (
        <p className="small">
          <span className="secondary">{t('decisions.codes')}</span>{' '}
          {reasonCodes.map((code) => (
            <Tag key={code}>{code}</Tag>
          ))}
        </p>
      )}
    </>
  );
}

/** A decision's table with the rules that matched; a text of FEEL where it is none. */
function Matched({ instance }: { instance: DecisionInstance }) {
  const say = useSpoken();
  const path = { evaluation_instance_key: instance.decisionEvaluationInstanceKey };
  const trace = query.useQuery('get', '/v2/decision-instances/{evaluation_instance_key}', { params: { path } }, { staleTime: Infinity });
  const xml = useQuery({
    queryKey: ['review', 'dmn', instance.decisionDefinitionKey],
    queryFn: async () =>
      (await dataOf(api.GET('/v2/decision-definitions/{key}/xml', { params: { path: { key: instance.decisionDefinitionKey } }, parseAs: 'text' }))) as string,
    staleTime: Infinity,
  });
  const error = trace.error ?? xml.error;
  if (error) return <ProblemNotice error={error} retry={() => void Promise.all([trace.refetch(), xml.refetch()])} />;
  if (!trace.data || !xml.data) return <Skeleton active />;
  return (
    <figure className={styles.table}>
      <figcaption>{instance.decisionDefinitionName}</figcaption>
      <DecisionTableView
        xml={xml.data}
        decisionId={instance.decisionDefinitionId}
        matched={trace.data.matchedRules.map(({ ruleId }) => ruleId)}
        values={Object.fromEntries(trace.data.evaluatedInputs.map(({ inputId, inputValue }) => [inputId, say.value(inputValue)]))}
      />
    </figure>
  );
}
