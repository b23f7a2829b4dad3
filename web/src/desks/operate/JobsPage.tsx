/** The jobs of workers: what waits, what fails, who has it; retries can be given to one or many. */
import { useQueryClient } from '@tanstack/react-query';
import { Button, InputNumber } from 'antd';
import { useMemo, useState } from 'react';

import { api, dataOf } from '../../api/client';
import { refreshPaths } from '../../api/live';
import { useMay } from '../../api/me';
import type { Job } from '../../api/schema';
import { processName, useDefinitions } from '../../processes/definitions';
import { StateTag, useStateWord } from '../../processes/States';
import { caseAddress } from '../../shell/addresses';
import { chosenRows } from '../../ui/chosenRows';
import { ConfirmAction } from '../../ui/ConfirmAction';
import { DataTable, type Column } from '../../ui/DataTable';
import { DateTime } from '../../ui/DateTime';
import { EmptyState } from '../../ui/EmptyState';
import { useUrlState } from '../../ui/urlState';
import { firstLine } from './causes';
import { Choice, TextFilter } from './InstanceFilters';
import filterStyles from './InstanceFilters.module.css';
import { JobTypes } from './JobTypes';
import { OperateFrame } from './OperateFrame';
import { AFTER_REPAIR } from './RetryIncidents';
import { useText } from './strings';

const STATES = ['CREATED', 'FAILED', 'ERROR_THROWN', 'TIMED_OUT', 'COMPLETED', 'CANCELED'] as const;
const NOTHING = { state: '', type: '', worker: '', process: '', businessId: '' };
const keyOf = ({ jobKey }: Job) => jobKey;
const OPEN = new Set(['CREATED', 'FAILED', 'TIMED_OUT']);

export function JobsPage() {
  const t = useText();
  const may = useMay();
  const word = useStateWord();
  const [asked, ask] = useUrlState(NOTHING);
  const { byProcess } = useDefinitions();
  const [chosen, setChosen] = useState<ReadonlyMap<string, Job>>(new Map());
  const [giving, setGiving] = useState(false);
  const filter = useMemo(
    () => ({
      ...(asked.state && { state: asked.state as (typeof STATES)[number] }),
      ...(asked.type && { type: { $like: `*${asked.type}*` } }),
      ...(asked.worker && { worker: { $like: `*${asked.worker}*` } }),
      ...(asked.process && { processDefinitionId: asked.process }),
      ...(asked.businessId && { businessId: { $like: `*${asked.businessId}*` } }),
    }),
    [asked],
  );
  const columns = useColumns();
  const open = [...chosen.values()].filter(({ state }) => OPEN.has(state));
  return (
    <OperateFrame fill title={t('jobs.title')}>
      <JobTypes onChoose={(question) => ask({ ...NOTHING, ...question })} />
      <div className={filterStyles.filters} role="search" aria-label={t('filters.label')}>
        <Choice label={t('instances.state')} value={asked.state} onChange={(state) => ask({ state })}>
          {STATES.map((value) => ({ value, label: word(value) }))}
        </Choice>
        <TextFilter label={t('jobs.type')} value={asked.type} onChange={(type) => ask({ type })} />
        <TextFilter label={t('jobs.worker')} value={asked.worker} onChange={(worker) => ask({ worker })} />
        <Choice label={t('instances.process')} value={asked.process} width={180} onChange={(process) => ask({ process })}>
          {[...byProcess].map(([id, [latest]]) => ({ value: id, label: processName(latest!) }))}
        </Choice>
        <TextFilter label={t('instances.businessId')} value={asked.businessId} onChange={(businessId) => ask({ businessId })} />
      </div>
      <DataTable<Job>
        id="operate.jobs"
        label={t('jobs.title')}
        columns={columns}
        rowKey={keyOf}
        queryKey={['post', '/v2/jobs/search', filter]}
        search={(request) => dataOf(api.POST('/v2/jobs/search', { body: { filter, ...request } as never }))}
        defaultSort={{ field: 'jobKey', order: 'DESC' }}
        to={({ processInstanceKey, elementId }) => `${caseAddress(processInstanceKey)}?tab=jobs&element=${encodeURIComponent(elementId)}`}
        {...(may('job:update') && {
          selection: { keys: new Set(chosen.keys()), onChange: (keys, jobs) => setChosen(chosenRows(keys, jobs, keyOf, chosen)) },
        })}
        toolbar={
          chosen.size > 0 && (
            <>
              <Button type="primary" disabled={open.length === 0} onClick={() => setGiving(true)}>
                {t('jobs.giveRetries', { count: open.length })}
              </Button>
              {open.length < chosen.size && <span className="secondary">{t('jobs.ended', { count: chosen.size - open.length })}</span>}
            </>
          )
        }
        empty={<EmptyState title={t('jobs.none')} hint={t('jobs.noneWhy')} />}
        onClearFilters={Object.keys(filter).length > 0 ? () => ask(NOTHING) : undefined}
      />
      {giving && (
        <GiveRetries
          jobs={open}
          onClose={(done) => {
            setGiving(false);
            if (done) setChosen(new Map());
          }}
        />
      )}
    </OperateFrame>
  );
}

/** Set the retries of jobs that are still open; an incident of theirs is retried apart. */
export function GiveRetries({ jobs, onClose }: { jobs: readonly Job[]; onClose: (done: boolean) => void }) {
  const t = useText();
  const cache = useQueryClient();
  const [retries, setRetries] = useState(3);
  return (
    <ConfirmAction
      open
      title={t('jobs.giveRetries', { count: jobs.length })}
      confirm={t('jobs.give')}
      targets={jobs.map(({ jobKey, type, businessId }) => ({ key: jobKey, label: `${type} · ${businessId ?? jobKey}` }))}
      run={({ key }) => api.PATCH('/v2/jobs/{key}', { params: { path: { key } }, body: { changeset: { retries } } })}
      onClose={(done) => {
        if (done) refreshPaths(cache, AFTER_REPAIR);
        onClose(done);
      }}
    >
      <p>{t('jobs.retriesText')}</p>
      <label>
        {t('jobs.retries')} <InputNumber min={1} max={100} precision={0} value={retries} onChange={(value) => setRetries(value ?? 1)} />
      </label>
    </ConfirmAction>
  );
}

function useColumns(): Column<Job>[] {
  const t = useText();
  const { byKey } = useDefinitions();
  return useMemo(
    () => [
      { key: 'type', title: t('jobs.type'), width: 160, sort: 'type', render: ({ type }) => type },
      { key: 'state', title: t('instances.state'), width: 110, sort: 'state', render: ({ state }) => <StateTag state={state} /> },
      { key: 'retries', title: t('jobs.retries'), width: 120, sort: 'retries', align: 'end', render: ({ retries }) => <span className="tabular">{retries}</span> },
      { key: 'worker', title: t('jobs.worker'), width: 130, sort: 'worker', render: ({ worker }) => worker || <span className="secondary">—</span> },
      { key: 'businessId', title: t('instances.businessId'), width: 150, render: ({ businessId, processInstanceKey }) => businessId ?? processInstanceKey },
      {
        key: 'process',
        title: t('instances.process'),
        width: 150,
        sort: 'processDefinitionId',
        render: ({ processDefinitionKey, processDefinitionId }) => {
          const definition = byKey.get(processDefinitionKey);
          return definition ? `${processName(definition)} v${definition.version}` : processDefinitionId;
        },
      },
      { key: 'error', title: t('jobs.error'), width: 260, render: ({ errorMessage }) => (errorMessage ? <span title={errorMessage}>{firstLine(errorMessage)}</span> : '—') },
      { key: 'created', title: t('jobs.created'), width: 120, sort: 'creationTime', render: ({ creationTime }) => <DateTime value={creationTime} /> },
      { key: 'deadline', title: t('jobs.deadline'), width: 120, sort: 'deadline', hidden: true, render: ({ deadline }) => <DateTime value={deadline} /> },
      { key: 'ended', title: t('instances.end'), width: 120, sort: 'endTime', hidden: true, render: ({ endTime }) => <DateTime value={endTime} /> },
      { key: 'key', title: t('jobs.key'), width: 100, sort: 'jobKey', hidden: true, render: ({ jobKey }) => jobKey },
    ],
    [t, byKey],
  );
}
