/** Whether the draft is saved. */
import { CheckOutlined, CloudSyncOutlined, EditOutlined, WarningOutlined } from '@ant-design/icons';

import { useSentence } from '../../../ui/ProblemNotice';
import { exactly } from '../../../ui/time';
import { useText } from '../strings';
import type { SaveState } from './autosave';

export function SaveBadge({ state }: { state: SaveState }) {
  const t = useText();
  const sentence = useSentence('problem' in state ? state.problem : null);
  switch (state.state) {
    case 'saved':
      return (
        <Badge title={state.at ? exactly(state.at, { seconds: true }) : undefined}>
          <CheckOutlined /> {t('save.saved')}
        </Badge>
      );
    case 'changed':
      return (
        <Badge>
          <EditOutlined /> {t('save.changed')}
        </Badge>
      );
    case 'saving':
      return (
        <Badge>
          <CloudSyncOutlined /> {t('save.saving')}
        </Badge>
      );
    default:
      return (
        <Badge error title={sentence}>
          <WarningOutlined /> {t(state.state === 'overtaken' ? 'save.overtaken' : 'save.failed')}
        </Badge>
      );
  }
}

function Badge({ title, error = false, children }: { title?: string | undefined; error?: boolean; children: React.ReactNode }) {
  return (
    <span role="status" title={title} data-testid="save-state" className="small" style={{ color: error ? 'var(--ll-error)' : 'var(--ll-text-secondary)', whiteSpace: 'nowrap' }}>
      {children}
    </span>
  );
}
