/** Move the tokens of an instance: plan it on the diagram, try it out, carry it out with a reason. */
import { DeleteOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Segmented, Select, Skeleton } from 'antd';
import { Suspense, useMemo, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';

import { api, dataOf } from '../../api/client';
import { refreshPaths } from '../../api/live';
import type { ProcessInstance, RepairReport } from '../../api/schema';
import { marksOfCase } from '../../processes/marks';
import { useProcessFile } from '../../processes/names';
import { useStateWord } from '../../processes/States';
import { caseAddress } from '../../shell/addresses';
import { ConfirmAction } from '../../ui/ConfirmAction';
import { Diagram } from '../../ui/lazyDiagram';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { InSight } from './InSight';
import { Labelled } from './InstanceFilters';
import filterStyles from './InstanceFilters.module.css';
import { modificationOf, NEEDS, stepOf, type Step, type StepKind } from './modification';
import { OperateFrame } from './OperateFrame';
import { AFTER_REPAIR } from './RetryIncidents';
import { useText } from './strings';

const KINDS: readonly StepKind[] = ['move', 'return', 'activate', 'cancel'];
const NOT_TARGETS = new Set(['process', 'sequenceFlow', 'startEvent', 'boundaryEvent', 'dataObject', 'textAnnotation', 'laneSet', 'lane', 'group', 'association']);

export function ModificationPage() {
  const t = useText();
  const { key = '' } = useParams();
  const instance = useQuery({
    queryKey: ['get', '/v2/process-instances/{key}', key],
    queryFn: () => dataOf(api.GET('/v2/process-instances/{key}', { params: { path: { key } } })),
  });
  return (
    <OperateFrame
      title={t('modify.title', { name: instance.data?.businessId ?? key })}
      actions={<Link to={caseAddress(key)}>{t('modify.back')}</Link>}
    >
      {instance.isError && <ProblemNotice error={instance.error} retry={() => void instance.refetch()} />}
      {instance.isPending && <Skeleton active />}
      {instance.data?.endDate && <Alert type="info" showIcon title={t('modify.ended')} />}
      {instance.data && !instance.data.endDate && <Planner instance={instance.data} />}
    </OperateFrame>
  );
}

function Planner({ instance }: { instance: ProcessInstance }) {
  const t = useText();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const key = instance.processInstanceKey;
  const params = { path: { key } };
  const { file, elements, nameOf } = useProcessFile(instance.processDefinitionKey);
  const counts = useQuery({
    queryKey: ['get', '/v2/process-instances/{key}/statistics/element-instances', key],
    queryFn: () => dataOf(api.GET('/v2/process-instances/{key}/statistics/element-instances', { params })),
  });
  const [kind, setKind] = useState<StepKind>('move');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const [confirming, setConfirming] = useState(false);
  const trial = useMutation({
    mutationFn: () => dataOf(api.POST('/v2/process-instances/{key}/modification/dry-run', { params, body: modificationOf(steps) })),
  });
  const live = useMemo(
    () => (counts.data?.items ?? []).filter(({ active, incidents }) => active + incidents > 0).map(({ elementId }) => elementId),
    [counts.data],
  );
  const option = (id: string) => ({ value: id, label: nameOf(id) === id ? id : `${nameOf(id)} (${id})` });
  const sources = live.filter((id) => elements.get(id)?.kind !== 'process').map(option);
  const targets = [...elements.values()].filter(({ kind: each }) => /(task|event|gateway|activity|subProcess|transaction)$/i.test(each) && !NOT_TARGETS.has(each)).map(({ id }) => option(id));
  const step = stepOf(kind, from, to);
  const change = (next: readonly Step[]) => {
    setSteps(next);
    trial.reset();
  };
  const pick = (id: string | null) => {
    if (id === null || !elements.has(id)) return;
    const isSource = live.includes(id);
    if (NEEDS[kind].from && isSource && (from === '' || !NEEDS[kind].to)) setFrom(id);
    else if (NEEDS[kind].to && targets.some(({ value }) => value === id)) setTo(id);
  };
  return (
    <>
      <Alert type="info" showIcon title={t('modify.hint')} />
      {(file.isError || counts.isError) && <ProblemNotice error={file.error ?? counts.error} />}
      {file.data !== undefined && (
        <Suspense fallback={<Skeleton active />}>
          <Diagram
            xml={file.data}
            name={instance.processDefinitionName || instance.processDefinitionId}
            marks={marksOfCase(counts.data?.items ?? [])}
            selected={to || from || null}
            onSelect={pick}
            height={400}
          />
        </Suspense>
      )}
      <div className={filterStyles.filters}>
        <Segmented
          aria-label={t('modify.kind')}
          value={kind}
          onChange={(chosen) => {
            setKind(chosen);
            setFrom('');
            setTo('');
          }}
          options={KINDS.map((value) => ({ value, label: t(`modify.${value}`) }))}
        />
        {NEEDS[kind].from && (
          <Labelled label={t('modify.from')}>
            {(id) => <Select id={id} style={{ width: 240 }} value={from || undefined} options={sources} onChange={setFrom} />}
          </Labelled>
        )}
        {NEEDS[kind].to && (
          <Labelled label={t('modify.to')}>
            {(id) => (
              <Select id={id} style={{ width: 260 }} value={to || undefined} options={targets} showSearch={{ optionFilterProp: 'label' }} onChange={setTo} />
            )}
          </Labelled>
        )}
        <Button
          disabled={step === null}
          onClick={() => {
            change([...steps, step!]);
            setFrom('');
            setTo('');
          }}
        >
          {t('modify.add')}
        </Button>
      </div>
      <p className="secondary" style={{ margin: 0 }}>
        {t(`modify.${kind}.text`)}
      </p>
      {steps.length > 0 && (
        <section aria-label={t('modify.plan')}>
          <h2 style={{ margin: '8px 0', fontSize: 16 }}>{t('modify.plan')}</h2>
          <ol style={{ margin: 0, paddingInlineStart: 24 }}>
            {steps.map((each, index) => (
              <li key={index}>
                {t(`modify.step.${each.kind}`, { from: 'from' in each ? nameOf(each.from) : '', to: 'to' in each ? nameOf(each.to) : '' })}
                <Button
                  type="text"
                  size="small"
                  icon={<DeleteOutlined />}
                  aria-label={t('modify.remove', { number: index + 1 })}
                  onClick={() => change(steps.filter((_, at) => at !== index))}
                />
              </li>
            ))}
          </ol>
          <div style={{ display: 'flex', gap: 8, marginTop: 8 }}>
            <Button loading={trial.isPending} onClick={() => trial.mutate()}>
              {t('modify.try')}
            </Button>
            <Button type="primary" disabled={!trial.data} onClick={() => setConfirming(true)}>
              {t('modify.apply')}
            </Button>
            {!trial.data && <span className="secondary" style={{ alignSelf: 'center' }}>{t('modify.tryFirst')}</span>}
          </div>
        </section>
      )}
      {trial.isError && <ProblemNotice error={trial.error} />}
      {trial.data && (
        <InSight key={trial.submittedAt}>
          <Report report={trial.data} nameOf={nameOf} />
        </InSight>
      )}
      {confirming && trial.data && (
        <ConfirmAction
          open
          title={t('modify.apply')}
          confirm={t('modify.apply')}
          reason="required"
          targets={[{ key, label: instance.businessId ?? key }]}
          run={(_, reason) =>
            api.POST('/v2/process-instances/{key}/modification', { params, body: modificationOf(steps, { reason, revision: trial.data.revision }) })
          }
          onClose={(done) => {
            setConfirming(false);
            if (!done) return;
            refreshPaths(cache, new Set([...AFTER_REPAIR, 'operation-records']));
            // A result that says why it failed was shown; the plan stays for another try.
            trial.reset();
            void message.info(t('modify.done'));
            void navigate(caseAddress(key));
          }}
        >
          {t('modify.consequence')}
        </ConfirmAction>
      )}
    </>
  );
}

/** What a trial found: what ends, what begins, what then waits. */
export function Report({ report, nameOf }: { report: RepairReport; nameOf: (id: string) => string }) {
  const t = useText();
  const stateWord = useStateWord();
  const list = (ids: readonly string[]) => (ids.length === 0 ? '—' : ids.map(nameOf).join(t('list.separator')));
  return (
    <Alert
      type={report.incidentElementIds.length > 0 || report.endsInState ? 'warning' : 'success'}
      showIcon
      role="status"
      title={t('trial.title')}
      description={
        <ul style={{ margin: 0, paddingInlineStart: 20 }}>
          <li>{t('trial.terminated', { names: list(report.terminated.map(({ elementId }) => elementId)) })}</li>
          <li>{t('trial.activated', { names: list(report.activated.map(({ elementId }) => elementId)) })}</li>
          <li>{t('trial.opened', { names: list(report.opened.map(({ elementId }) => elementId)) })}</li>
          {report.incidentElementIds.length > 0 && <li>{t('trial.incidents', { names: list(report.incidentElementIds) })}</li>}
          {report.endsInState && <li>{t('trial.ends', { state: stateWord(report.endsInState) })}</li>}
        </ul>
      }
    />
  );
}
