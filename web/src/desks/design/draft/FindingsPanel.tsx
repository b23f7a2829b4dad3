/** What the server finds in a draft, the gravest first; a click leads to the element. */
import { CheckCircleOutlined, DownOutlined, UpOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';

import { ProblemNotice } from '../../../ui/ProblemNotice';
import type { Finding } from '../api';
import { useText } from '../strings';
import { FindingList, ICONS, SEVERITIES } from './FindingList';
import styles from './FindingsPanel.module.css';

interface Props {
  findings: readonly Finding[] | undefined;
  /** The check itself has failed. */
  failure?: unknown;
  isChecking: boolean;
  onShow: (element: string) => void;
  /** Not given where the file is only shown. */
  onCure?: ((finding: Finding) => void) | undefined;
}

export function FindingsPanel({ findings, failure, isChecking, onShow, onCure }: Props) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const counted = SEVERITIES.map((severity) => ({ severity, count: findings?.filter((each) => each.severity === severity).length ?? 0 }));
  const isClean = findings !== undefined && findings.length === 0;
  return (
    <section className={styles.panel} aria-label={t('findings.label')}>
      <div className={styles.bar}>
        <Button
          type="text"
          size="small"
          icon={open ? <DownOutlined /> : <UpOutlined />}
          aria-expanded={open}
          disabled={isClean && failure === undefined}
          onClick={() => setOpen(!open)}
        >
          {t('findings.label')}
        </Button>
        <span role="status" className={styles.counts} data-testid="findings">
          {isClean ? (
            <span>
              <CheckCircleOutlined style={{ color: 'var(--ll-success)' }} /> {t('findings.none')}
            </span>
          ) : (
            counted
              .filter(({ count }) => count > 0)
              .map(({ severity, count }) => (
                <span key={severity}>
                  {ICONS[severity]} {t(`findings.${severity}`, { count })}
                </span>
              ))
          )}
          {isChecking && <span className="secondary">{t('findings.checking')}</span>}
        </span>
      </div>
      {failure !== undefined && failure !== null && <ProblemNotice error={failure} title={t('findings.failed')} />}
      {open && findings && findings.length > 0 && <FindingList findings={findings} onShow={onShow} {...(onCure && { onCure })} />}
    </section>
  );
}
