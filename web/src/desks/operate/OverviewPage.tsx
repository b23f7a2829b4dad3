/** Where the cases of each process stand: a list of processes, and the diagram of one as a heat map. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Segmented, Select, Skeleton } from 'antd';
import { Suspense } from 'react';
import { Link } from 'react-router';

import { api, dataOf } from '../../api/client';
import { useMay } from '../../api/me';
import type { ElementCount, ProcessDefinition } from '../../api/schema';
import { processName, useDefinitions } from '../../processes/definitions';
import { Facts } from '../../processes/Facts';
import { heatOf, largestOf, shadesOf, type Measure, type Shade } from '../../processes/marks';
import { isContainer, useProcessFile } from '../../processes/names';
import { Diagram } from '../../ui/lazyDiagram';
import { EmptyState } from '../../ui/EmptyState';
import { useNames } from '../../ui/names';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { useUrlState } from '../../ui/urlState';
import { DefinitionActs } from './DefinitionActs';
import { Labelled } from './InstanceFilters';
import { OperateFrame } from './OperateFrame';
import styles from './OverviewPage.module.css';
import { useText } from './strings';

export function OverviewPage() {
  const t = useText();
  const { found, byProcess, byKey } = useDefinitions();
  const [{ definition: key }, ask] = useUrlState({ definition: '' });
  const processes = [...byProcess.values()].map((versions) => versions[0]!);
  const shown = byKey.get(key) ?? processes[0];
  return (
    <OperateFrame title={t('overview.title')}>
      {found.isError && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Skeleton active />}
      {found.data && processes.length === 0 && <EmptyState title={t('overview.none')} hint={t('overview.noneWhy')} />}
      {shown && (
        <div className={styles.split}>
          <ul className={styles.processes} aria-label={t('overview.processes')}>
            {processes.map((process) => (
              <ProcessEntry
                key={process.processDefinitionId}
                process={process}
                isCurrent={process.processDefinitionId === shown.processDefinitionId}
              />
            ))}
          </ul>
          <ProcessHeat
            key={shown.processDefinitionKey}
            definition={shown}
            versions={byProcess.get(shown.processDefinitionId)!}
            onVersion={(definition) => ask({ definition })}
          />
        </div>
      )}
    </OperateFrame>
  );
}

/** How many instances there are, over all versions. */
function ProcessEntry({ process, isCurrent }: { process: ProcessDefinition; isCurrent: boolean }) {
  const t = useText();
  const counts = useInstanceCounts().data?.items.find(({ processDefinitionId }) => processDefinitionId === process.processDefinitionId);
  const stuck = counts?.activeInstancesWithIncidentCount ?? 0;
  const active = stuck + (counts?.activeInstancesWithoutIncidentCount ?? 0);
  return (
    <li>
      <Link to={`/operate?definition=${process.processDefinitionKey}`} aria-current={isCurrent || undefined}>
        <strong>{processName(process)}</strong>
        <span className={styles.counts}>
          <span>{t('overview.active', { count: active })}</span>
          {stuck > 0 && <span className={styles.bad}>{t('overview.stuck', { count: stuck })}</span>}
          {process.suspendedDate && <span className={styles.held}>{t('overview.suspended')}</span>}
        </span>
      </Link>
    </li>
  );
}

function useInstanceCounts() {
  return useQuery({
    queryKey: ['post', '/v2/process-instances/statistics', 'by-process'],
    queryFn: () => dataOf(api.POST('/v2/process-definitions/statistics/process-instances', { body: { page: { limit: 1000 } } })),
  });
}

/** How many instances of each version run, by the version's key. */
function useRunning(processDefinitionId: string): ReadonlyMap<string, number> {
  const { data } = useQuery({
    queryKey: ['post', '/v2/process-instances/statistics', 'by-version', processDefinitionId],
    queryFn: () =>
      dataOf(api.POST('/v2/process-definitions/statistics/process-instances-by-version', { body: { filter: { processDefinitionId }, page: { limit: 1000 } } })),
  });
  const counted = data?.items.map((one) => [one.processDefinitionKey, one.activeInstancesWithIncidentCount + one.activeInstancesWithoutIncidentCount] as const);
  return new Map(counted);
}

const MEASURES: readonly Measure[] = ['active', 'incidents', 'completed'];

interface HeatProps {
  definition: ProcessDefinition;
  versions: readonly ProcessDefinition[];
  onVersion: (key: string) => void;
}

function ProcessHeat({ definition, versions, onVersion }: HeatProps) {
  const t = useText();
  const may = useMay();
  const key = definition.processDefinitionKey;
  const [{ measure, element }, ask] = useUrlState({ measure: 'active', element: '' });
  const { file, elements, nameOf } = useProcessFile(key);
  const personOf = useNames([definition.suspendedBy], { exact: true });
  const counts = useQuery({
    queryKey: ['post', '/v2/process-instances/statistics', key],
    queryFn: () =>
      dataOf(api.POST('/v2/process-definitions/{key}/statistics/element-instances', { params: { path: { key } }, body: {} })),
  });
  const running = useRunning(definition.processDefinitionId);
  const elsewhere = running.get(key) === 0 ? versions.filter((version) => (running.get(version.processDefinitionKey) ?? 0) > 0) : [];
  const problem = file.error ?? counts.error;
  const holdsOthers = (id: string) => isContainer(elements.get(id));
  return (
    <section className={styles.heat} aria-label={processName(definition)}>
      <div className={styles.heatHead}>
        <Labelled label={t('instances.version')}>
          {(id) => (
            <Select
              id={id}
              style={{ width: 160 }}
              value={key}
              options={versions.map((version) => {
                const count = running.get(version.processDefinitionKey) ?? 0;
                return { value: version.processDefinitionKey, label: count > 0 ? `v${version.version} · ${t('overview.active', { count })}` : `v${version.version}` };
              })}
              onChange={onVersion}
            />
          )}
        </Labelled>
        <Segmented
          aria-label={t('overview.measure')}
          value={measure as Measure}
          options={MEASURES.map((value) => ({ value, label: t(`measure.${value}`) }))}
          onChange={(chosen) => ask({ measure: chosen })}
        />
        <span className={styles.links}>
          <Link to={`/operate/instances?process=${definition.processDefinitionId}&version=${definition.version}`}>{t('overview.instances')}</Link>
          {versions.length > 1 && may('process-instance:migrate') && <Link to={`/operate/migration?source=${key}`}>{t('migrate.link')}</Link>}
          <DefinitionActs definition={definition} />
        </span>
      </div>
      {definition.suspendedDate && (
        <Alert type="warning" showIcon title={t('definition.suspended', { by: personOf(definition.suspendedBy) })} description={definition.suspendReason} />
      )}
      {elsewhere.length > 0 && (
        <Alert
          type="info"
          showIcon
          title={
            <>
              {t('overview.elsewhere')}{' '}
              {elsewhere.map(({ processDefinitionKey, version }) => (
                <Button key={processDefinitionKey} type="link" size="small" onClick={() => onVersion(processDefinitionKey)}>
                  v{version} · {t('overview.active', { count: running.get(processDefinitionKey) })}
                </Button>
              ))}
            </>
          }
        />
      )}
      {problem && <ProblemNotice error={problem} retry={() => void (file.isError ? file.refetch() : counts.refetch())} />}
      {file.data !== undefined && (
        <Suspense fallback={<Skeleton active />}>
          <Diagram
            xml={file.data}
            name={processName(definition)}
            marks={heatOf(counts.data?.items ?? [], measure as Measure, holdsOthers)}
            counted={t(`measure.${measure as Measure}`)}
            selected={element || null}
            onSelect={(id) => ask({ element: id ?? '' })}
            height={440}
          />
        </Suspense>
      )}
      <Legend shades={shadesOf(largestOf(counts.data?.items ?? [], measure as Measure, holdsOthers))} measure={t(`measure.${measure as Measure}`)} />
      {element ? (
        <ElementFacts definition={definition} id={element} name={nameOf(element)} counts={counts.data?.items} />
      ) : (
        <p className="secondary">{t('overview.hint')}</p>
      )}
    </section>
  );
}

/** Which numbers the colours of the map stand for. */
function Legend({ shades, measure }: { shades: readonly Shade[]; measure: string }) {
  const t = useText();
  if (shades.length === 0) return <p className="secondary">{t('legend.none', { measure })}</p>;
  return (
    <dl className={styles.legend} aria-label={t('legend.title')}>
      <dt>{measure}</dt>
      {shades.map(({ heat, from, to }) => (
        <dd key={heat}>
          <span className={styles.shade} data-heat={heat} aria-hidden />
          {from === to ? from : `${from}–${to}`}
        </dd>
      ))}
    </dl>
  );
}

interface ElementProps {
  definition: ProcessDefinition;
  id: string;
  name: string;
  counts: readonly ElementCount[] | undefined;
}

/** What the chosen element has, and the way to it. */
function ElementFacts({ definition, id, name, counts }: ElementProps) {
  const t = useText();
  const count = counts?.find(({ elementId }) => elementId === id) ?? { active: 0, incidents: 0, completed: 0, canceled: 0 };
  const at = `element=${encodeURIComponent(id)}`;
  const { processDefinitionId, processDefinitionKey, version } = definition;
  return (
    <div className={styles.element} role="status">
      <strong>{name}</strong> <code>{id}</code>
      <Facts
        facts={[
          [t('measure.active'), <Link key="a" to={`/operate/instances?process=${processDefinitionId}&version=${version}&${at}`}>{count.active}</Link>],
          [t('measure.incidents'), <Link key="i" to={`/operate/incidents?definition=${processDefinitionKey}&${at}`}>{count.incidents}</Link>],
          [t('measure.completed'), String(count.completed)],
          [t('measure.canceled'), String(count.canceled)],
        ]}
      />
    </div>
  );
}
