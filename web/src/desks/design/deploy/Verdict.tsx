/** What the server finds in the files that are to be published, file by file where there are several. */
import { Alert } from 'antd';

import type { Finding } from '../api';
import { FindingList } from '../draft/FindingList';
import { useText } from '../strings';
import type { Part } from './bundle';
import styles from './Publish.module.css';

interface Props {
  findings: readonly Finding[];
  partOf: (resource: string) => Part | undefined;
  isSeveral: boolean;
  /** Leads from a finding to its element. */
  onShow: (element: string, part: Part | undefined) => void;
}

export function Verdict({ findings, partOf, isSeveral, onShow }: Props) {
  const t = useText();
  if (findings.length === 0) return <Alert type="success" showIcon title={t('publish.clean')} style={{ marginBottom: 12 }} />;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const resources = [...new Set(findings.map(({ resource = '' }) => resource))];
  return (
    <Alert
      type={errors > 0 ? 'error' : 'warning'}
      showIcon
      style={{ marginBottom: 12 }}
      title={errors > 0 ? t('publish.refused', { count: errors }) : t('publish.warned', { count: findings.length })}
      description={resources.map((resource) => (
        <section key={resource} aria-label={partOf(resource)?.source.name ?? resource}>
          {isSeveral && <h4 className={styles.file}>{partOf(resource)?.source.name ?? resource}</h4>}
          <FindingList findings={findings.filter((each) => (each.resource ?? '') === resource)} onShow={(element) => onShow(element, partOf(resource))} />
        </section>
      ))}
    />
  );
}
