/** Migrate the running instances of a version: source and target side by side, the mapping, a trial over all, then a batch. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Checkbox, Form, Input, InputNumber, Modal, Select, Skeleton, Tag } from 'antd';
import { Suspense, useMemo, useState } from 'react';
import { Link, useNavigate } from 'react-router';

import { api, dataOf } from '../../api/client';
import type { MigrationTrial, MigrationTrialPage, ProcessDefinition } from '../../api/schema';
import { processName, useDefinitions } from '../../processes/definitions';
import { useProcessFile, type ElementName } from '../../processes/names';
import { caseAddress } from '../../shell/addresses';
import { EmptyState } from '../../ui/EmptyState';
import { Diagram } from '../../ui/lazyDiagram';
import plain from '../../ui/PlainTable.module.css';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { useUrlState } from '../../ui/urlState';
import { useClearable } from '../../ui/useClearable';
import { useBusinessIds } from './businessIds';
import { InSight } from './InSight';
import { Labelled } from './InstanceFilters';
import filterStyles from './InstanceFilters.module.css';
import { instructionsOf, mappingRows, type MappingRow } from './mapping';
import styles from './MigrationPage.module.css';
import { OperateFrame } from './OperateFrame';
import { useText } from './strings';

export function MigrationPage() {
  const t = useText();
  const { found, byKey, byProcess } = useDefinitions();
  const [asked, ask] = useUrlState({ source: '', target: '' });
  const source = byKey.get(asked.source);
  const versions = source ? (byProcess.get(source.processDefinitionId) ?? []) : [];
  const target = byKey.get(asked.target) ?? versions.find(({ processDefinitionKey }) => processDefinitionKey !== asked.source);
  const choices = (all: readonly ProcessDefinition[]) =>
    all.map((each) => ({ value: each.processDefinitionKey, label: `${processName(each)} v${each.version}` }));
  return (
    <OperateFrame title={t('migrate.title')}>
      {found.isError && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
      <div className={filterStyles.filters}>
        <Labelled label={t('migrate.source')}>
          {(id) => (
            <Select
              id={id}
              style={{ width: 240 }}
              value={source?.processDefinitionKey}
              options={choices([...byProcess.values()].filter((all) => all.length > 1).flat())}
              onChange={(key: string) => ask({ source: key, target: '' })}
            />
          )}
        </Labelled>
        <Labelled label={t('migrate.target')}>
          {(id) => (
            <Select
              id={id}
              style={{ width: 240 }}
              value={target?.processDefinitionKey}
              options={choices(versions.filter(({ processDefinitionKey }) => processDefinitionKey !== asked.source))}
              onChange={(key: string) => ask({ target: key })}
            />
          )}
        </Labelled>
      </div>
      {found.data && (!source || !target) && <EmptyState title={t('migrate.choose')} hint={t('migrate.chooseWhy')} />}
      {source && target && <Planner key={`${source.processDefinitionKey} ${target.processDefinitionKey}`} source={source} target={target} />}
    </OperateFrame>
  );
}

function Planner({ source, target }: { source: ProcessDefinition; target: ProcessDefinition }) {
  const t = useText();
  const key = source.processDefinitionKey;
  const targetKey = target.processDefinitionKey;
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({});
  const [recomputeTimers, setRecompute] = useState(false);
  const [row, setRow] = useState<MappingRow | null>(null);
  const [asking, setAsking] = useState(false);
  const plan = useQuery({
    queryKey: ['post', '/v2/process-definitions/{key}/migration/plan', key, targetKey],
    queryFn: () =>
      dataOf(api.POST('/v2/process-definitions/{key}/migration/plan', { params: { path: { key } }, body: { targetProcessDefinitionKey: targetKey } })),
  });
  const rows = useMemo(() => (plan.data ? mappingRows(plan.data, chosen) : []), [plan.data, chosen]);
  const instructions = { targetProcessDefinitionKey: targetKey, mappingInstructions: instructionsOf(rows), recomputeTimers };
  const trial = useMutation({ mutationFn: () => everyTrial(key, instructions) });
  const change = (element: string, to: string) => {
    setChosen({ ...chosen, [element]: to });
    trial.reset();
  };
  return (
    <>
      {plan.isError && <ProblemNotice error={plan.error} retry={() => void plan.refetch()} />}
      <div className={styles.sides}>
        <Side title={t('migrate.source')} definition={source} selected={row?.source ?? null} onSelect={(id) => setRow(rows.find((each) => each.source === id) ?? null)} />
        <Side title={t('migrate.target')} definition={target} selected={row?.target || row?.suggestion || null} onSelect={(id) => setRow(rows.find((each) => each.target === id) ?? null)} />
      </div>
      {plan.isPending && <Skeleton active />}
      {plan.data && <MappingTable rows={rows} source={source} target={target} current={row?.source ?? null} onCurrent={setRow} onChange={change} />}
      {plan.data && (
        <>
          <Checkbox
            checked={recomputeTimers}
            onChange={({ target: box }) => {
              setRecompute(box.checked);
              trial.reset();
            }}
          >
            {t('migrate.recompute')}
          </Checkbox>
          <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8, alignItems: 'center' }}>
            <Button loading={trial.isPending} onClick={() => trial.mutate()}>
              {t('migrate.try')}
            </Button>
            <Button type="primary" disabled={!trial.data || trial.data.migratable === 0} onClick={() => setAsking(true)}>
              {t('migrate.start')}
            </Button>
            {!trial.data && <span className="secondary">{t('migrate.tryFirst')}</span>}
          </div>
        </>
      )}
      {trial.isError && <ProblemNotice error={trial.error} />}
      {trial.data && (
        <InSight key={trial.submittedAt}>
          <Trials source={source} trials={trial.data.items} migratable={trial.data.migratable} />
        </InSight>
      )}
      {asking && trial.data && (
        <StartDialog sourceKey={key} instructions={instructions} migratable={trial.data.migratable} refused={trial.data.items.length} onClose={() => setAsking(false)} />
      )}
    </>
  );
}

interface Instructions {
  targetProcessDefinitionKey: string;
  mappingInstructions: { sourceElementId: string; targetElementId: string }[];
  recomputeTimers: boolean;
}

/** Try every running instance, page by page; those that cannot go are kept with their reasons. */
async function everyTrial(key: string, instructions: Instructions): Promise<{ items: MigrationTrial[]; migratable: number }> {
  const items: MigrationTrial[] = [];
  let migratable = 0;
  for (let after: string | null = null; ; ) {
    const page: MigrationTrialPage = await dataOf(
      api.POST('/v2/process-definitions/{key}/migration/dry-run', {
        params: { path: { key } },
        body: { ...instructions, ...(after !== null && { after }) },
      }),
    );
    items.push(...page.items.filter((each) => !each.migratable));
    migratable += page.migratable;
    if (!page.hasMoreTotalItems || page.endCursor === null) return { items, migratable };
    after = page.endCursor;
  }
}

interface SideProps {
  title: string;
  definition: ProcessDefinition;
  selected: string | null;
  onSelect: (id: string | null) => void;
}

function Side({ title, definition, selected, onSelect }: SideProps) {
  const { file } = useProcessFile(definition.processDefinitionKey);
  return (
    <section aria-label={title}>
      <h2 style={{ margin: '0 0 4px', fontSize: 14 }}>
        {title} v{definition.version}
      </h2>
      {file.isError && <ProblemNotice error={file.error} retry={() => void file.refetch()} />}
      {file.data !== undefined && (
        <Suspense fallback={<Skeleton active />}>
          <Diagram xml={file.data} name={`${title} ${processName(definition)} v${definition.version}`} selected={selected} onSelect={onSelect} height={300} />
        </Suspense>
      )}
    </section>
  );
}

interface TableProps {
  rows: readonly MappingRow[];
  source: ProcessDefinition;
  target: ProcessDefinition;
  current: string | null;
  onCurrent: (row: MappingRow) => void;
  onChange: (source: string, target: string) => void;
}

function MappingTable({ rows, source, target, current, onCurrent, onChange }: TableProps) {
  const clearable = useClearable();
  const t = useText();
  const from = useProcessFile(source.processDefinitionKey);
  const to = useProcessFile(target.processDefinitionKey);
  const label = (elements: ReadonlyMap<string, ElementName>, id: string) => (elements.get(id)?.name ? `${elements.get(id)!.name} (${id})` : id);
  return (
    <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('migrate.mapping')} style={{ maxHeight: 420 }}>
      <table className={plain.table}>
        <thead>
          <tr>
            <th scope="col">{t('migrate.source')}</th>
            <th scope="col">{t('migrate.target')}</th>
            <th scope="col">{t('migrate.why')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const kind = from.elements.get(row.source)?.kind;
            const options = [...to.elements.values()].filter((each) => each.kind === kind).map(({ id }) => ({ value: id, label: label(to.elements, id) }));
            return (
              <tr key={row.source} aria-current={row.source === current || undefined}>
                <th scope="row">
                  <button type="button" className={plain.link} onClick={() => onCurrent(row)}>
                    {label(from.elements, row.source)}
                  </button>
                </th>
                <td>
                  <Select
                    size="small"
                    aria-label={t('migrate.targetOf', { name: label(from.elements, row.source) })}
                    style={{ width: '100%', minWidth: 220 }}
                    value={row.target || undefined}
                    placeholder={t('migrate.notMapped')}
                    allowClear={clearable}
                    showSearch={{ optionFilterProp: 'label' }}
                    options={options}
                    onChange={(chosen?: string) => onChange(row.source, chosen ?? '')}
                  />
                </td>
                <td>
                  <Tag>{t(`migrate.origin.${row.origin}`)}</Tag> {row.reasons.join(t('list.separator'))}
                  {row.suggestion !== undefined && row.target === '' && (
                    <Button type="link" size="small" onClick={() => onChange(row.source, row.suggestion!)}>
                      {t('migrate.take', { name: label(to.elements, row.suggestion), percent: Math.round((row.score ?? 0) * 100) })}
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const MOST_SHOWN = 200;

function Trials({ source, trials, migratable }: { source: ProcessDefinition; trials: readonly MigrationTrial[]; migratable: number }) {
  const t = useText();
  const { nameOf } = useProcessFile(source.processDefinitionKey);
  const shown = trials.slice(0, MOST_SHOWN);
  const businessIds = useBusinessIds(shown.map(({ processInstanceKey }) => processInstanceKey));
  return (
    <section role="status" aria-label={t('migrate.trial')}>
      <Alert
        type={trials.length > 0 ? 'warning' : migratable > 0 ? 'success' : 'info'}
        showIcon
        title={t('migrate.result', { migratable, refused: trials.length })}
      />
      {trials.length > 0 && (
        <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('migrate.refused')} style={{ marginTop: 8, maxHeight: 320 }}>
          <table className={plain.table}>
            <thead>
              <tr>
                <th scope="col">{t('instances.businessId')}</th>
                <th scope="col">{t('migrate.refused')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ processInstanceKey, reasons }) => (
                <tr key={processInstanceKey}>
                  <th scope="row">
                    <Link to={caseAddress(processInstanceKey)}>{businessIds.get(processInstanceKey) ?? processInstanceKey}</Link>
                  </th>
                  <td>
                    {reasons.map(({ elementId, detail }, index) => (
                      <div key={index}>
                        <strong>{nameOf(elementId)}</strong> {detail}
                      </div>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {trials.length > MOST_SHOWN && <p className="secondary">{t('migrate.more', { count: trials.length - MOST_SHOWN })}</p>}
    </section>
  );
}

interface StartProps {
  sourceKey: string;
  instructions: Instructions;
  migratable: number;
  refused: number;
  onClose: () => void;
}

function StartDialog({ sourceKey, instructions, migratable, refused, onClose }: StartProps) {
  const t = useText();
  const navigate = useNavigate();
  const [form] = Form.useForm<{ reason: string; itemsPerSecond: number }>();
  const start = useMutation({
    mutationFn: (given: { reason: string; itemsPerSecond: number }) =>
      dataOf(api.POST('/v2/process-instances/migration', { body: { filter: { processDefinitionKey: sourceKey }, migrationPlan: instructions, ...given } })),
    onSuccess: ({ batchOperationKey }) => void navigate(`/operate/batches/${batchOperationKey}`),
  });
  return (
    <Modal
      open
      title={t('migrate.start')}
      okText={t('migrate.start')}
      cancelText={t('cancel')}
      confirmLoading={start.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
      mask={{ closable: false }}
    >
      <Alert type="warning" showIcon title={t('migrate.consequence', { migratable, refused })} style={{ marginBlock: 8 }} />
      <Form form={form} layout="vertical" initialValues={{ reason: '', itemsPerSecond: 50 }} onFinish={(given) => start.mutate(given)} disabled={start.isPending}>
        <Form.Item name="reason" label={t('reason')} rules={[{ required: true, whitespace: true, message: t('reason.missing') }]}>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={1000} showCount />
        </Form.Item>
        <Form.Item name="itemsPerSecond" label={t('batch.pace')}>
          <InputNumber min={1} max={1000} precision={0} />
        </Form.Item>
      </Form>
      {start.isError && <ProblemNotice error={start.error} />}
    </Modal>
  );
}
