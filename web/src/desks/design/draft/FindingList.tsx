/** Findings of the server, the gravest first, with where they are. */
import { CloseCircleOutlined, DeleteOutlined, InfoCircleOutlined, WarningOutlined } from '@ant-design/icons';
import { Button } from 'antd';
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
  /** Removes what a finding is said of. */
  onCure?: (finding: Finding) => void;
}

/** What another tool has left in a file, and the server does not execute: it may simply go. */
const REMOVABLE: ReadonlySet<string> = new Set([
  'bpmn.dialect-unsupported',
  'bpmn.dialect-no-effect',
  'bpmn.foreign-extension',
  'bpmn.unsupported-extension',
  'bpmn.extension-without-effect',
]);

export function FindingList({ findings, onShow, onCure }: Props) {
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
          {onCure && REMOVABLE.has(finding.code ?? '') && (
            <Button size="small" icon={<DeleteOutlined />} onClick={() => onCure(finding)}>
              {t('findings.remove')}
            </Button>
          )}
          <code className="small">{finding.rule}</code>
        </li>
      ))}
    </ul>
  );
}
