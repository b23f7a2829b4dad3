/** Retry incidents: each for itself, with the result of each; very many as a batch. */
import { useQueryClient } from '@tanstack/react-query';

import { api } from '../../api/client';
import { refreshPaths } from '../../api/live';
import type { Incident } from '../../api/schema';
import { useProcessFile } from '../../processes/names';
import { ConfirmAction } from '../../ui/ConfirmAction';
import { BatchDialog } from './BatchDialog';
import { useBusinessIds } from './businessIds';
import { useText } from './strings';

const MOST_ONE_BY_ONE = 200;
export const AFTER_REPAIR = new Set(['incidents', 'process-instances', 'element-instances', 'jobs', 'process-definitions', 'user-tasks']);

export function RetryIncidents({ incidents, onClose }: { incidents: readonly Incident[]; onClose: () => void }) {
  const t = useText();
  const cache = useQueryClient();
  const businessIds = useBusinessIds(incidents.slice(0, MOST_ONE_BY_ONE).map(({ processInstanceKey }) => processInstanceKey));
  // They have one cause, so they are of one version.
  const { nameOf } = useProcessFile(incidents[0]?.processDefinitionKey);
  const count = incidents.length;
  if (count > MOST_ONE_BY_ONE) {
    const keys = [...new Set(incidents.map(({ processInstanceKey }) => processInstanceKey))];
    return <BatchDialog kind="retry" filter={{ processInstanceKey: { $in: keys } }} scope={t('scope.chosen', { count: keys.length })} onClose={onClose} />;
  }
  return (
    <ConfirmAction
      open
      title={t('incidents.retryTitle', { count })}
      confirm={t('incidents.retry')}
      targets={incidents.map(({ incidentKey, processInstanceKey, elementId }) => ({
        key: incidentKey,
        label: `${businessIds.get(processInstanceKey) ?? processInstanceKey} · ${nameOf(elementId)}`,
      }))}
      run={({ key }) => api.POST('/v2/incidents/{key}/resolution', { params: { path: { key } }, body: {} })}
      onClose={(done) => {
        if (done) refreshPaths(cache, AFTER_REPAIR);
        onClose();
      }}
    >
      {t('incidents.retryText')}
    </ConfirmAction>
  );
}
