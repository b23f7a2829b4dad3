/** What operators can do with one instance, each act with its consequence and a reason. */
import { ToolOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Button, Dropdown, Radio } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { api, dataOf } from '../../api/client';
import { refreshPaths } from '../../api/live';
import { useMay } from '../../api/me';
import type { ProcessInstance } from '../../api/schema';
import { caseAddress } from '../../shell/addresses';
import { ConfirmAction } from '../../ui/ConfirmAction';
import { AFTER_REPAIR } from './RetryIncidents';
import { useText } from './strings';
import type zh from './strings.zh';

type Act = 'retry' | 'suspend' | 'resume' | 'restart' | 'cancel' | 'delete';
type Key = keyof typeof zh;

interface Kind {
  label: Key;
  consequence: Key;
  permission: string;
  danger?: boolean;
  reason: 'required' | 'optional';
  /** Whether it can be done with the instance as it is. */
  fits: (instance: ProcessInstance) => boolean;
}

const isRoot = ({ parentProcessInstanceKey }: ProcessInstance) => parentProcessInstanceKey === null;
const isLive = ({ endDate }: ProcessInstance) => endDate === null;

export const ACTS: Readonly<Record<Act, Kind>> = {
  retry: {
    label: 'one.retry',
    consequence: 'one.retry.consequence',
    permission: 'incident:resolve',
    reason: 'optional',
    fits: (instance) => instance.hasIncident && instance.state === 'ACTIVE',
  },
  suspend: {
    label: 'one.suspend',
    consequence: 'one.suspend.consequence',
    permission: 'process-instance:suspend',
    reason: 'required',
    fits: (instance) => isRoot(instance) && instance.state === 'ACTIVE',
  },
  resume: {
    label: 'one.resume',
    consequence: 'one.resume.consequence',
    permission: 'process-instance:suspend',
    reason: 'optional',
    fits: (instance) => isRoot(instance) && instance.state === 'SUSPENDED',
  },
  restart: {
    label: 'one.restart',
    consequence: 'one.restart.consequence',
    permission: 'process-instance:restart',
    reason: 'required',
    fits: (instance) => isRoot(instance) && !isLive(instance),
  },
  cancel: {
    label: 'one.cancel',
    consequence: 'one.cancel.consequence',
    permission: 'process-instance:cancel',
    danger: true,
    reason: 'required',
    fits: (instance) => isRoot(instance) && isLive(instance),
  },
  delete: {
    label: 'one.delete',
    consequence: 'one.delete.consequence',
    permission: 'process-instance:delete',
    danger: true,
    reason: 'required',
    fits: (instance) => isRoot(instance) && !isLive(instance),
  },
};

/** The acts that somebody may carry out on an instance as it is. */
export function actsFor(instance: ProcessInstance, may: (permission: string) => boolean): Act[] {
  return (Object.keys(ACTS) as Act[]).filter((act) => may(ACTS[act].permission) && ACTS[act].fits(instance));
}

export function InstanceActs({ instance }: { instance: ProcessInstance }) {
  const t = useText();
  const may = useMay();
  const [asking, setAsking] = useState<Act | null>(null);
  const navigate = useNavigate();
  const acts = actsFor(instance, may);
  const mayModify = may('process-instance:modify') && isLive(instance);
  return (
    <>
      {(acts.length > 0 || mayModify) && (
        <Dropdown
          trigger={['click']}
          menu={{
            items: [
              ...(mayModify ? [{ key: 'modify', label: t('one.modify') }] : []),
              ...acts.map((act) => ({ key: act, label: t(ACTS[act].label), danger: ACTS[act].danger ?? false })),
            ],
            onClick: ({ key }) => (key === 'modify' ? void navigate(`/operate/instances/${instance.processInstanceKey}/modification`) : setAsking(key as Act)),
          }}
        >
          <Button type="primary" icon={<ToolOutlined />}>
            {t('one.acts')}
          </Button>
        </Dropdown>
      )}
      {asking && <Ask act={asking} instance={instance} onClose={() => setAsking(null)} />}
    </>
  );
}

function Ask({ act, instance, onClose }: { act: Act; instance: ProcessInstance; onClose: () => void }) {
  const t = useText();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [variables, setVariables] = useState<'INITIAL' | 'LAST'>('INITIAL');
  const [version, setVersion] = useState<'SAME' | 'LATEST'>('SAME');
  const { label, consequence, danger = false, reason } = ACTS[act];
  const key = instance.processInstanceKey;
  const run = async (_: unknown, given: string) => {
    const params = { path: { key } };
    const body = given === '' ? {} : { reason: given };
    switch (act) {
      case 'retry': {
        const { batchOperationKey } = await dataOf(api.POST('/v2/process-instances/{key}/incident-resolution', { params, body: {} }));
        return navigate(`/operate/batches/${batchOperationKey}`);
      }
      case 'suspend':
        return api.POST('/v2/process-instances/{key}/suspension', { params, body });
      case 'resume':
        return api.POST('/v2/process-instances/{key}/resumption', { params, body });
      case 'cancel':
        return api.POST('/v2/process-instances/{key}/cancellation', { params, body });
      case 'restart': {
        const started = await dataOf(api.POST('/v2/process-instances/{key}/restart', { params, body: { ...body, variables, version } }));
        return navigate(caseAddress(started.processInstanceKey));
      }
      case 'delete':
        await api.POST('/v2/process-instances/{key}/deletion', { params, body });
        return navigate('/cases');
    }
  };
  return (
    <ConfirmAction
      open
      title={t(label)}
      confirm={t(label)}
      danger={danger}
      reason={reason}
      targets={[{ key, label: instance.businessId ?? key }]}
      run={run}
      onClose={(done) => {
        onClose();
        if (done) refreshPaths(cache, new Set([...AFTER_REPAIR, 'operation-records', 'batch-operations']));
      }}
    >
      <p>{t(consequence)}</p>
      {act === 'restart' && (
        <>
          <p>
            {t('restart.variables')}{' '}
            <Radio.Group
              aria-label={t('restart.variables')}
              value={variables}
              onChange={({ target }) => setVariables(target.value as 'INITIAL' | 'LAST')}
              options={[
                { value: 'INITIAL', label: t('restart.initial') },
                { value: 'LAST', label: t('restart.last') },
              ]}
            />
          </p>
          <p>
            {t('restart.version')}{' '}
            <Radio.Group
              aria-label={t('restart.version')}
              value={version}
              onChange={({ target }) => setVersion(target.value as 'SAME' | 'LATEST')}
              options={[
                { value: 'SAME', label: t('restart.same') },
                { value: 'LATEST', label: t('restart.latest') },
              ]}
            />
          </p>
        </>
      )}
    </ConfirmAction>
  );
}
