/** Several tasks at once: each is claimed for itself, and each result is told. */
import { useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useRef } from 'react';

import { ConfirmAction } from '../../ui/ConfirmAction';
import { useText } from './strings';
import { claim, type ListedTask } from './tasks';
import { forgetBoxes } from './useClaim';

interface Props {
  tasks: readonly ListedTask[];
  open: boolean;
  onClose: (done: boolean) => void;
}

export function BulkClaim({ tasks, open, onClose }: Props) {
  const t = useText();
  const cache = useQueryClient();
  const { message } = App.useApp();
  const claimed = useRef(0);
  const close = (done: boolean) => {
    if (done) {
      forgetBoxes(cache);
      void cache.resetQueries({ queryKey: ['review', 'rows', 'claimable'] });
      if (claimed.current > 0) void message.success(t('claim.bulkDone', { count: claimed.current }));
      claimed.current = 0;
    }
    onClose(done);
  };
  return (
    <ConfirmAction
      open={open}
      title={t('claim.bulk', { count: tasks.length })}
      confirm={t('claim')}
      targets={tasks.map((task) => ({ key: task.userTaskKey, label: labelOf(task) }))}
      run={async ({ key }) => {
        await claim(key);
        claimed.current += 1;
      }}
      onClose={close}
    >
      <p>{t('claim.bulkWhy')}</p>
    </ConfirmAction>
  );
}

const labelOf = ({ name, elementId, businessId, facts }: ListedTask) =>
  [name ?? elementId, businessId, facts.applicant].filter(Boolean).join(' · ');
