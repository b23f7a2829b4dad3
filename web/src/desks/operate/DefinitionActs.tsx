/** Suspend a version of a process, so that it starts no instances, or let it start them again. */
import { useQueryClient } from '@tanstack/react-query';
import { Button, Checkbox } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { api, dataOf } from '../../api/client';
import { refreshPaths } from '../../api/live';
import { useMay } from '../../api/me';
import type { ProcessDefinition } from '../../api/schema';
import { processName } from '../../processes/definitions';
import { ConfirmAction } from '../../ui/ConfirmAction';
import { useText } from './strings';

export function DefinitionActs({ definition }: { definition: ProcessDefinition }) {
  const t = useText();
  const may = useMay();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const [allVersions, setAllVersions] = useState(false);
  const [includeProcessInstances, setInclude] = useState(false);
  const isSuspended = definition.suspendedDate !== null;
  const step = isSuspended ? 'resumption' : 'suspension';
  const label = t(isSuspended ? 'definition.resume' : 'definition.suspend');
  const run = async (key: string, reason: string) => {
    const body = { allVersions, includeProcessInstances, ...(reason && { reason }) };
    const path = `/v2/process-definitions/{key}/${step}` as const;
    const { batchOperationKey } = await dataOf(api.POST(path, { params: { path: { key } }, body }));
    if (batchOperationKey) void navigate(`/operate/batches/${batchOperationKey}`);
  };
  if (!may('process-definition:suspend')) return null;
  return (
    <>
      <Button onClick={() => setAsking(true)}>{label}</Button>
      <ConfirmAction
        open={asking}
        title={label}
        confirm={label}
        targets={[{ key: definition.processDefinitionKey, label: `${processName(definition)} v${definition.version}` }]}
        reason={isSuspended ? 'optional' : 'required'}
        run={({ key }, reason) => run(key, reason)}
        onClose={(done) => {
          setAsking(false);
          if (done) refreshPaths(cache, new Set(['process-definitions', 'process-instances', 'batch-operations']));
        }}
      >
        <p>{t(isSuspended ? 'definition.resumeText' : 'definition.suspendText', { name: `${processName(definition)} v${definition.version}` })}</p>
        <p>
          <Checkbox checked={allVersions} onChange={({ target }) => setAllVersions(target.checked)}>
            {t('definition.allVersions')}
          </Checkbox>
        </p>
        <p>
          <Checkbox checked={includeProcessInstances} onChange={({ target }) => setInclude(target.checked)}>
            {t(isSuspended ? 'definition.resumeInstances' : 'definition.suspendInstances')}
          </Checkbox>
        </p>
      </ConfirmAction>
    </>
  );
}
