/** The decisions of an instance: what came out and why, on which inputs, by which rules of which table. */
import { useQuery } from '@tanstack/react-query';
import { Skeleton } from 'antd';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';

import { api, dataOf } from '../../api/client';
import type { DecisionInstance } from '../../api/schema';
import { StateTag } from '../../processes/States';
import { ValueView } from '../../processes/ValueView';
import { useSpoken } from '../../processes/spoken';
import { DateTime } from '../../ui/DateTime';
import { DecisionTableView } from '../../ui/DecisionTableView';
import plain from '../../ui/PlainTable.module.css';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { useUrlState } from '../../ui/urlState';
import { useDecisions } from './caseData';
import { Place, Rows } from './Rows';
import { useText } from './strings';
import type { CaseView } from './view';

export function DecisionsTab({ view }: { view: CaseView }) {
  const t = useText();
  const { instance, element, whole } = view;
  const key = instance.processInstanceKey;
  const say = useSpoken();
  const found = useDecisions(key);
  const [{ decision: chosen }, ask] = useUrlState({ decision: '' });
  const elementOf = useMemo(() => new Map(whole.data?.elements.map(({ elementInstanceKey, elementId }) => [elementInstanceKey, elementId]) ?? []), [whole.data]);
  const placeOf = ({ elementInstanceKey }: DecisionInstance) => elementOf.get(elementInstanceKey ?? '');
  return (
    <Rows found={found} only={(decision) => element === null || placeOf(decision) === element} empty={t('decisions.none')} hint={t('decisions.noneWhy')}>
      {(rows) => {
        const current = rows.find(({ decisionEvaluationInstanceKey }) => decisionEvaluationInstanceKey === chosen) ?? rows[0]!;
        return (
          <div style={{ display: 'flex', flexDirection: 'column', gap: 16 }}>
            <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('tab.decisions')}>
              <table className={plain.table}>
                <thead>
                  <tr>
                    <th scope="col">{t('decisions.decision')}</th>
                    <th scope="col">{t('element')}</th>
                    <th scope="col">{t('state')}</th>
                    <th scope="col">{t('decisions.result')}</th>
                    <th scope="col">{t('decisions.at')}</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => {
                    const at = placeOf(row);
                    return (
                      <tr key={row.decisionEvaluationInstanceKey} aria-current={row === current || undefined}>
                        <th scope="row">
                          <button type="button" className={plain.link} onClick={() => ask({ decision: row.decisionEvaluationInstanceKey })}>
                            {row.decisionDefinitionName} <span className="small">v{row.decisionDefinitionVersion}</span>
                          </button>
                        </th>
                        <td>{at === undefined ? '—' : <Place view={view} id={at} />}</td>
                        <td>
                          <StateTag state={row.state} />
                        </td>
                        <td>{row.state === 'FAILED' ? row.evaluationFailure : say.value(row.result)}</td>
                        <td>
                          <DateTime value={row.evaluationDate} />
                        </td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
            <InSight asked={chosen}>
              <DecisionTrace key={current.decisionEvaluationInstanceKey} decision={current} />
            </InSight>
          </div>
        );
      }}
    </Rows>
  );
}

/** Scrolls to what somebody has asked for; what is shown unasked stays where it is. */
function InSight({ asked, children }: { asked: string; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (asked !== '') place.current?.scrollIntoView({ block: 'start' });
  }, [asked]);
  return (
    <div ref={place} style={{ scrollMarginTop: 12 }}>
      {children}
    </div>
  );
}

/** One evaluation: the sentences, the inputs, the table with its matched rules. */
export function DecisionTrace({ decision }: { decision: DecisionInstance }) {
  const t = useText();
  const say = useSpoken();
  const key = decision.decisionEvaluationInstanceKey;
  const definitionKey = decision.decisionDefinitionKey;
  const path = { path: { evaluation_instance_key: key } };
  const trace = useQuery({
    queryKey: ['get', '/v2/decision-instances/{key}', key],
    queryFn: () => dataOf(api.GET('/v2/decision-instances/{evaluation_instance_key}', { params: path })),
  });
  const explanation = useQuery({
    queryKey: ['get', '/v2/decision-instances/{key}/explanation', key],
    queryFn: () => dataOf(api.GET('/v2/decision-instances/{evaluation_instance_key}/explanation', { params: path })),
    retry: false,
  });
  const file = useQuery({
    queryKey: ['get', '/v2/decision-definitions/{key}/xml', definitionKey],
    queryFn: async () =>
      (await api.GET('/v2/decision-definitions/{key}/xml', { params: { path: { key: definitionKey } }, parseAs: 'text' })).data as string,
    staleTime: Infinity,
  });
  const problem = trace.error ?? file.error;
  const sentences = explanation.data?.decisions.find(({ decisionId }) => decisionId === decision.decisionDefinitionId)?.sentences ?? explanation.data?.sentences;
  return (
    <section aria-label={decision.decisionDefinitionName}>
      <h3 style={{ margin: '0 0 8px', fontSize: 15 }}>
        {decision.decisionDefinitionName} v{decision.decisionDefinitionVersion}
      </h3>
      {problem && <ProblemNotice error={problem} retry={() => void (trace.isError ? trace.refetch() : file.refetch())} />}
      {sentences && (
        <ul style={{ marginBlock: 0, paddingInlineStart: 20 }}>
          {sentences.map((sentence, index) => (
            <li key={index}>{sentence}</li>
          ))}
        </ul>
      )}
      {explanation.isError && <p className="secondary">{t('decisions.notExplained')}</p>}
      {trace.data && (
        <>
          <h4 style={{ margin: '12px 0 4px' }}>{t('decisions.inputs')}</h4>
          {trace.data.evaluatedInputs.length === 0 ? (
            <p className="secondary">{t('decisions.noInputs')}</p>
          ) : (
            <dl style={{ display: 'grid', gridTemplateColumns: 'max-content 1fr', gap: '2px 12px', margin: 0 }}>
              {trace.data.evaluatedInputs.map(({ inputId, inputName, inputValue }) => (
                <div key={inputId} style={{ display: 'contents' }}>
                  <dt className="secondary">{inputName}</dt>
                  <dd style={{ margin: 0 }}>
                    <ValueView json={inputValue} spoken />
                  </dd>
                </div>
              ))}
            </dl>
          )}
          <h4 style={{ margin: '12px 0 4px' }}>{t('decisions.result')}</h4>
          <ValueView json={decision.result} spoken />
        </>
      )}
      {trace.data && file.data !== undefined ? (
        <div style={{ marginTop: 12 }}>
          <DecisionTableView
            xml={file.data}
            decisionId={decision.decisionDefinitionId}
            matched={trace.data.matchedRules.map(({ ruleId }) => ruleId)}
            values={Object.fromEntries(trace.data.evaluatedInputs.map(({ inputId, inputValue }) => [inputId, say.value(inputValue)]))}
          />
        </div>
      ) : (
        !problem && <Skeleton active />
      )}
    </section>
  );
}
