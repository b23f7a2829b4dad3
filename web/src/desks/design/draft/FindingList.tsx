/** Findings of the server, the gravest first, with where they are. */
import { CloseCircleOutlined, InfoCircleOutlined, WarningOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';

import type { Finding, Severity } from '../api';
import { useText } from '../strings';
import styles from './FindingsPanel.module.css';

export const ICONS: Readonly<Record<Severity, ReactNode>> = {
  error: <CloseCircleOutlined style={{ color: 'var(--ll-error)' }} />,
  warning: <WarningOutlined style={{ color: 'var(--ll-warning)' }} />,
  info: <InfoCircleOutlined style={{ color: 'var(--ll-info)' }} />,
};
/** The gravest first. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

interface Props {
  findings: readonly Finding[];
  /** A click on an element's id shows it. */
  onShow?: (element: string) => void;
}

export function FindingList({ findings, onShow }: Props) {
  const t = useText();
  const sorted = SEVERITIES.flatMap((severity) => findings.filter((each) => each.severity === severity));
  return (
    <ul className={styles.list}>
      {sorted.map((finding, index) => (
        <li key={index}>
          <span role="img" aria-label={t(`severity.${finding.severity}`)}>
            {ICONS[finding.severity]}
          </span>
          <span className={styles.detail}>
            {finding.detail}
            {finding.element && onShow && (
              <button type="button" className={styles.place} onClick={() => onShow(finding.element!)}>
                {finding.element}
              </button>
            )}
            {finding.line ? <span className="secondary small"> {t('findings.line', { line: finding.line })}</span> : null}
          </span>
          <code className="small">{finding.rule}</code>
        </li>
      ))}
    </ul>
  );
}
