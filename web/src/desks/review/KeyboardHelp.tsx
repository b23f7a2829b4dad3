/** The keys of this desk, on `?` and behind a button. */
import { QuestionCircleOutlined } from '@ant-design/icons';
import { Button, Modal } from 'antd';
import { useState } from 'react';

import { useText as useShellText } from '../../i18n/shell';
import { useNarrow } from '../../ui/media';
import { useShortcuts } from '../../ui/shortcuts';
import styles from './review.module.css';
import { useText } from './strings';

interface Props {
  /** The page claims with `c`. */
  claims?: boolean;
  /** The page is a task's. */
  isTask?: boolean;
}

export function KeyboardHelp({ claims = false, isTask = false }: Props) {
  const t = useText();
  const shell = useShellText();
  const narrow = useNarrow();
  const [open, setOpen] = useState(false);
  useShortcuts({ '?': () => setOpen(true) });
  const keys: [string, string][] = isTask
    ? [
        ['c', t('claim')],
        ['a', t('keys.approve')],
        ['Ctrl + Enter', t('keys.submit')],
        ['1 – 5', t('keys.tabs')],
        ['u', t('keys.back')],
      ]
    : [
        ['j / ↓', shell('keys.next')],
        ['k / ↑', shell('keys.previous')],
        ['Enter', shell('keys.open')],
        ...(claims ? ([['c', t('keys.claim')], ['x', t('keys.select')]] as [string, string][]) : []),
      ];
  if (narrow) return null;
  return (
    <>
      <Button type="text" icon={<QuestionCircleOutlined />} onClick={() => setOpen(true)}>
        {t('keys.button')}
      </Button>
      <Modal open={open} title={shell('help.keyboard')} footer={null} onCancel={() => setOpen(false)} width={440}>
        <dl className={styles.keys}>
          {[...keys, ['?', shell('keys.help')] as const].map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <p className="secondary small">{shell('keys.note')}</p>
      </Modal>
    </>
  );
}
