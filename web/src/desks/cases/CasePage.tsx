/** A case: one instance and those around it, where it stands, what happened, and on what facts. */
import { Alert, Button, Segmented, Skeleton } from 'antd';
import { CloseOutlined } from '@ant-design/icons';
import { Suspense, useEffect, useMemo, useRef } from 'react';
import { Link, useParams } from 'react-router';

import { useMay } from '../../api/me';
import type { Case as WholeCase, ProcessInstance } from '../../api/schema';
import { Facts } from '../../processes/Facts';
import { marksOfCase } from '../../processes/marks';
import { useProcessFile } from '../../processes/names';
import { InstanceState } from '../../processes/States';
import { caseAddress } from '../../shell/addresses';
import { DateTime } from '../../ui/DateTime';
import { Duration } from '../../ui/Duration';
import { Diagram } from '../../ui/lazyDiagram';
import { useNames } from '../../ui/names';
import { PageFrame } from '../../ui/PageFrame';
import { Person } from '../../ui/Person';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { useUrlState } from '../../ui/urlState';
import { InstanceActs } from '../operate/InstanceActs';
import { useCase, useCounts, useInstance } from './caseData';
import styles from './CasePage.module.css';
import { CaseTabs } from './CaseTabs';
import { CaseTree } from './CaseTree';
import { DecisionsTab } from './DecisionsTab';
import { ExportMenu } from './ExportMenu';
import { IncidentsTab } from './IncidentsTab';
import { JobsTab } from './JobsTab';
import { StepsTab } from './StepsTab';
import { useText } from './strings';
import { TasksTab } from './TasksTab';
import { TimelineTab } from './TimelineTab';
import { troubledCalls } from './tree';
import { VariablesTab } from './VariablesTab';
import type { CaseView } from './view';
import { WaitsTab } from './WaitsTab';

export function CasePage() {
  const t = useText();
  const { key = '' } = useParams();
  const instance = useInstance(key);
  if (instance.isPending || instance.isError) {
    return (
      <PageFrame title={t('case.title', { name: key })}>
        {instance.isError ? <ProblemNotice error={instance.error} retry={() => void instance.refetch()} /> : <Skeleton active paragraph={{ rows: 10 }} />}
      </PageFrame>
    );
  }
  return <Case key={key} instance={instance.data} />;
}

const TABS = ['timeline', 'tasks', 'variables', 'decisions', 'incidents', 'jobs', 'waits', 'steps'] as const;
type Tab = (typeof TABS)[number];
/** What is listed for all instances of the case, or for the shown one only. */
const SCOPED: ReadonlySet<string> = new Set(['timeline', 'tasks', 'incidents', 'jobs', 'waits', 'steps']);
const PERMISSIONS: Readonly<Partial<Record<Tab, string>>> = {
  tasks: 'user-task:read',
  variables: 'variable:read',
  decisions: 'decision-instance:read',
  incidents: 'incident:read',
  jobs: 'job:read',
  steps: 'element-instance:read',
};

function Case({ instance }: { instance: ProcessInstance }) {
  const t = useText();
  const may = useMay();
  const key = instance.processInstanceKey;
  const [{ tab, element, scope }, ask] = useUrlState({ tab: 'timeline', element: '', scope: 'case' });
  const { file, elements, nameOf } = useProcessFile(instance.processDefinitionKey);
  const counts = useCounts(key);
  const whole = useCase(key);
  const own = whole.data?.instances.find(({ processInstanceKey }) => processInstanceKey === key);
  const troubled = useMemo(() => (whole.data ? troubledCalls(whole.data, key) : undefined), [whole.data, key]);
  const hasOthers = (whole.data?.instances.length ?? 1) > 1;
  const diagram = useRef<HTMLDivElement>(null);
  const name = instance.processDefinitionName || instance.processDefinitionId;
  const tabs = TABS.filter((each) => PERMISSIONS[each] === undefined || may(PERMISSIONS[each]));
  const active = tabs.find((each) => each === tab) ?? 'timeline';
  const showElement = (id: string) => {
    ask({ element: id });
    diagram.current?.scrollIntoView({ block: 'nearest' });
  };
  const view: CaseView = { instance, whole, nameOf, elements, element: element || null, all: scope !== 'instance', onElement: showElement };
  useBackToTop(key, diagram);
  return (
    <PageFrame
      title={t('case.title', { name: instance.businessId ?? key })}
      badge={<InstanceState instance={instance} />}
      actions={
        <>
          <ExportMenu instance={instance} />
          <InstanceActs instance={instance} />
        </>
      }
      below={<Head instance={instance} name={name} whole={whole.data} />}
    >
      <div className={styles.split}>
        <CaseTree instances={whole.data?.instances ?? [instance]} current={key} />
        <div className={styles.main}>
          <div ref={diagram}>
            {file.isError && <ProblemNotice error={file.error} retry={() => void file.refetch()} />}
            {file.isPending && <Skeleton active paragraph={{ rows: 8 }} />}
            {file.data !== undefined && (
              <Suspense fallback={<Skeleton active paragraph={{ rows: 8 }} />}>
                <Diagram
                  xml={file.data}
                  name={name}
                  marks={marksOfCase(counts.data?.items ?? [], troubled)}
                  flows={own?.takenSequenceFlows ?? []}
                  selected={element || null}
                  onSelect={(id) => ask({ element: id ?? '' })}
                  height={400}
                />
              </Suspense>
            )}
          </div>
          {element !== '' && (
            <div className={styles.filter} role="status">
              <span>
                {t('case.only')} <strong>{nameOf(element)}</strong>
              </span>
              <Button size="small" icon={<CloseOutlined />} onClick={() => ask({ element: '' })}>
                {t('case.all')}
              </Button>
            </div>
          )}
          <CaseTabs
            label={t('tabs')}
            tabs={tabs.map((each) => ({ key: each, label: t(`tab.${each}`) }))}
            active={active}
            onChange={(chosen) => ask({ tab: chosen })}
            extra={
              hasOthers &&
              element === '' &&
              SCOPED.has(active) && (
                <Segmented
                  aria-label={t('scope')}
                  size="small"
                  value={scope}
                  onChange={(chosen) => ask({ scope: chosen })}
                  options={[
                    { value: 'case', label: t('scope.case') },
                    { value: 'instance', label: t('scope.instance') },
                  ]}
                />
              )
            }
          >
            <TabPage key={active} tab={active} view={view} />
          </CaseTabs>
        </div>
      </div>
    </PageFrame>
  );
}

function TabPage({ tab, view }: { tab: Tab; view: CaseView }) {
  switch (tab) {
    case 'timeline':
      return <TimelineTab view={view} />;
    case 'tasks':
      return <TasksTab view={view} />;
    case 'variables':
      return <VariablesTab view={view} />;
    case 'decisions':
      return <DecisionsTab view={view} />;
    case 'incidents':
      return <IncidentsTab view={view} />;
    case 'jobs':
      return <JobsTab view={view} />;
    case 'waits':
      return <WaitsTab view={view} />;
    case 'steps':
      return <StepsTab view={view} />;
  }
}

function Head({ instance, name, whole }: { instance: ProcessInstance; name: string; whole: WholeCase | undefined }) {
  const t = useText();
  const nameOf = useNames([instance.suspendedBy], { exact: true });
  return (
    <>
      <Facts
        facts={[
          [t('case.process'), `${name} v${instance.processDefinitionVersion}`],
          [t('case.applicant'), whole?.applicant],
          [t('case.start'), <DateTime key="start" value={instance.startDate} />],
          [t('case.by'), <Person key="by" username={instance.startedBy} />],
          [t('case.end'), instance.endDate && <DateTime key="end" value={instance.endDate} />],
          [t('case.duration'), <Duration key="duration" from={instance.startDate} to={instance.endDate} />],
          [t('case.tags'), instance.tags.join(', ')],
          [
            t('case.restartedFrom'),
            instance.restartedFromProcessInstanceKey && (
              <Link to={caseAddress(instance.restartedFromProcessInstanceKey)}>{instance.restartedFromProcessInstanceKey}</Link>
            ),
          ],
          [
            t('case.others'),
            whole && whole.otherCases.length > 0 && <OtherCases cases={whole.otherCases} />,
          ],
          [t('case.key'), <span key="key" translate="no">{instance.processInstanceKey}</span>],
        ]}
      />
      {instance.state === 'SUSPENDED' && (
        <Alert type="warning" showIcon title={t('case.suspended', { by: nameOf(instance.suspendedBy) })} description={instance.suspendReason} />
      )}
      {instance.endReason && <Alert type="info" showIcon title={t('case.endReason', { reason: instance.endReason })} />}
    </>
  );
}

/** Further cases with the same business key. */
function OtherCases({ cases }: { cases: WholeCase['otherCases'] }) {
  return cases.map(({ processInstanceKey, startDate }) => (
    <Link key={processInstanceKey} to={caseAddress(processInstanceKey)} style={{ marginInlineEnd: 8 }}>
      {processInstanceKey} (<DateTime value={startDate} />)
    </Link>
  ));
}

/** Another instance of the tree begins at its top. */
function useBackToTop(key: string, place: React.RefObject<HTMLElement | null>): void {
  const before = useRef(key);
  useEffect(() => {
    if (before.current !== key) place.current?.closest('main')?.scrollTo(0, 0);
    before.current = key;
  }, [key, place]);
}
