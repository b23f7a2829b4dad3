/** Runs scenario files with drafts, in memory, and shows what came of each, its story, and what they reached. */
import { CheckCircleFilled, CloseCircleFilled, PlayCircleOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Modal, Select, Skeleton } from 'antd';
import { Suspense, useState } from 'react';
import { Link } from 'react-router';

import { api, dataOf } from '../../../api/client';
import type { Draft, ScenarioOutcome, ScenarioRun, ScenarioRunResult } from '../../../api/schema';
import { usePreference } from '../../../shell/preferences';
import { EmptyState } from '../../../ui/EmptyState';
import { Diagram } from '../../../ui/lazyDiagram';
import { ProblemNotice } from '../../../ui/ProblemNotice';
import { exactly } from '../../../ui/time';
import { contentQuery, fileName, repositoryQuery } from '../api';
import type { SideProps } from '../draft/SidePanel';
import { useText } from '../strings';
import { marksOf, STORY_WORDS, type Coverage, type Part, type ProcessCoverage, type StoryEvent } from './coverage';
import { elementNames } from './elementNames';
import styles from './Scenarios.module.css';

export default function Scenarios({ draft, text, read }: SideProps) {
  const t = useText();
  const isScenario = draft.kind === 'scenario';
  const others = useQuery({
    queryKey: ['post', '/v2/drafts/search', 'for scenarios', isScenario],
    queryFn: () =>
      dataOf(
        api.POST('/v2/drafts/search', {
          body: {
            filter: { kind: isScenario ? { $in: ['bpmn', 'dmn', 'form'] } : 'scenario' },
            sort: [{ field: 'changeDate', order: 'DESC' }],
            page: { limit: 200 },
          } as never,
        }),
      ),
    staleTime: 5_000,
  });
  const [chosen, choose] = usePreference<string[]>(`design.scenarios.${draft.draftKey}`, []);
  const options = others.data?.items.map(({ draftKey, name, kind }) => ({ value: draftKey, label: `${name}（${t(`kind.${kind}`)}）` })) ?? [];
  const keys = chosen.filter((key) => options.some(({ value }) => value === key));
  const run = useMutation({ mutationFn: async () => runAll(draft, await read(), keys) });
  if (others.isError) return <ProblemNotice error={others.error} retry={() => void others.refetch()} />;
  if (!others.data) return <Skeleton active />;
  if (!isScenario && options.length === 0) return <EmptyState title={t('scenarios.none')} hint={t('scenarios.noneWhy')} action={<Link to="/design?tab=drafts">{t('repository.drafts')}</Link>} />;
  return (
    <>
      <label className={styles.chooser}>
        <span>{t(isScenario ? 'scenarios.withDrafts' : 'scenarios.files')}</span>
        <Select mode="multiple" value={keys} onChange={choose} options={options} optionFilterProp="label" style={{ width: '100%' }} placeholder={t(isScenario ? 'scenarios.onlyPublished' : 'scenarios.choose')} />
      </label>
      <p className="secondary">{t('scenarios.text')}</p>
      <Button type="primary" icon={<PlayCircleOutlined />} loading={run.isPending} disabled={!isScenario && keys.length === 0} onClick={() => run.mutate()}>
        {t('scenarios.run')}
      </Button>
      {run.isError && <ProblemNotice error={run.error} />}
      {run.data?.map((result, index) => (
        <Result key={index} result={result} draft={draft} text={text} />
      ))}
    </>
  );
}

/** A scenario draft runs once; with a file, each of the chosen scenario drafts does. */
async function runAll(draft: Draft, text: string, keys: readonly string[]): Promise<ScenarioRunResult[]> {
  const ask = (body: ScenarioRun) => dataOf(api.POST('/v2/scenarios/run', { body }));
  if (draft.kind === 'scenario') return [await ask({ scenario: text, resources: keys.map((draftKey) => ({ draftKey })) })];
  const resources = [{ name: fileName(draft.kind, draft.name), content: text }];
  return Promise.all(keys.map((scenarioDraftKey) => ask({ scenarioDraftKey, resources })));
}

function Result({ result, draft, text }: { result: ScenarioRunResult; draft: Draft; text: string }) {
  const t = useText();
  const coverage = result.coverage as unknown as Coverage;
  const [shown, show] = useState<ProcessCoverage | null>(null);
  const passed = result.scenarios.filter((each) => each.passed).length;
  return (
    <section className={styles.result} aria-label={t('side.scenarios')} data-testid="scenario-result">
      <Alert
        type={result.passed ? 'success' : 'error'}
        showIcon
        role="status"
        title={t(result.passed ? 'scenarios.allPassed' : 'scenarios.someFailed', { passed, count: result.scenarios.length })}
      />
      <ul className={styles.outcomes}>
        {result.scenarios.map((scenario, index) => (
          <Outcome key={index} scenario={scenario} />
        ))}
      </ul>
      {coverage.processes.length + coverage.tables.length > 0 && (
        <>
          <h3>{t('coverage.title')}</h3>
          <ul className={styles.coverage}>
            {coverage.processes.map((process) => (
              <li key={process.processId}>
                <strong>{process.name ?? process.processId}</strong>
                <Share label={t('coverage.elements')} part={process.elements} />
                <Share label={t('coverage.flows')} part={process.flows} />
                <Button size="small" onClick={() => show(process)}>
                  {t('coverage.show')}
                </Button>
              </li>
            ))}
            {coverage.tables.map(({ resource, rules }) => (
              <li key={resource}>
                <strong translate="no">{resource}</strong>
                <Share label={t('coverage.rules')} part={rules} />
                {rules.uncovered.length > 0 && (
                  <span className="secondary small">{t('coverage.uncoveredRules', { rules: rules.uncovered.map(({ decisionId, ruleIndex }) => `${decisionId} ${ruleIndex}`).join(t('list.separator')) })}</span>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {shown && <CoverageDialog process={shown} draft={draft} text={text} onClose={() => show(null)} />}
    </section>
  );
}

function Outcome({ scenario }: { scenario: ScenarioOutcome }) {
  const t = useText();
  const events = scenario.events as unknown as StoryEvent[];
  return (
    <li>
      <details open={!scenario.passed}>
        <summary>
          {scenario.passed ? <CheckCircleFilled style={{ color: 'var(--ll-success)' }} /> : <CloseCircleFilled style={{ color: 'var(--ll-error)' }} />}{' '}
          <span>{scenario.name || t('scenarios.unnamed')}</span> <span className="secondary small">{t(scenario.passed ? 'scenarios.passed' : 'scenarios.failed')}</span>
        </summary>
        {scenario.problem && (
          <p className={styles.problem}>
            {scenario.line > 0 && <span className="secondary">{t('findings.line', { line: scenario.line })} </span>}
            {scenario.problem}
          </p>
        )}
        <ol className={styles.story} aria-label={t('scenarios.story')}>
          {events.map((event, index) => (
            <li key={index}>
              <span className="secondary tabular">{exactly(event.date)}</span> <code>{event.elementId}</code>
              {event.kind !== 'entered' && <span> {STORY_WORDS[event.kind] ? t(STORY_WORDS[event.kind]!) : event.kind}</span>}
              {event.note && <span className="secondary"> {event.note}</span>}
            </li>
          ))}
        </ol>
      </details>
    </li>
  );
}

function Share({ label, part }: { label: string; part: Part }) {
  return (
    <span className="tabular">
      {label} {part.covered}/{part.total} <span className="secondary">({part.percent}%)</span>
    </span>
  );
}

interface DialogProps {
  process: ProcessCoverage;
  draft: Draft;
  text: string;
  onClose: () => void;
}

/** What was reached, on the process itself: that of the draft, or the one that is deployed. */
function CoverageDialog({ process, draft, text, onClose }: DialogProps) {
  const t = useText();
  const isDraft = draft.kind === 'bpmn' && text.includes(`id="${process.processId}"`);
  const repository = useQuery({ ...repositoryQuery, enabled: !isDraft });
  const deployed = repository.data?.items.find(({ kind, id }) => kind === 'process' && id === process.processId)?.latest.resourceKey;
  const content = useQuery({ ...contentQuery(deployed ?? ''), enabled: !isDraft && deployed !== undefined });
  const xml = isDraft ? text : content.data;
  const { marks, flows } = marksOf(process);
  const missing = [...process.elements.uncovered, ...process.flows.uncovered];
  const error = repository.error ?? content.error;
  return (
    <Modal open width="min(1200px, 94vw)" title={t('coverage.of', { name: process.name ?? process.processId })} footer={null} onCancel={onClose}>
      {error && <ProblemNotice error={error} />}
      <Suspense fallback={<Skeleton active paragraph={{ rows: 8 }} />}>
        {xml === undefined ? !error && <Skeleton active paragraph={{ rows: 8 }} /> : <Diagram xml={xml} name={process.name ?? process.processId} marks={marks} flows={flows} height="56vh" />}
      </Suspense>
      {missing.length > 0 ? (
        <p>
          {t('coverage.missing', { count: missing.length })}{' '}
          {missing
            .slice(0, 40)
            .map(elementNames(xml ?? '<process/>'))
            .join(t('coverage.between'))}
        </p>
      ) : (
        <p>{t('coverage.complete')}</p>
      )}
    </Modal>
  );
}
