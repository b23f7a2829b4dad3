/** The versions of a definition, newest first; two of them can be chosen for a comparison. */
import { Button, Space, Tag } from 'antd';
import { Link } from 'react-router';

import type { ListedVersion } from '../../../api/schema';
import { DateTime } from '../../../ui/DateTime';
import { Person } from '../../../ui/Person';
import { useText } from '../strings';
import styles from './DefinitionPage.module.css';

interface Pair {
  old?: string | undefined;
  new?: string | undefined;
}

interface Props {
  versions: readonly ListedVersion[];
  compared: Pair;
  onCompare: (pair: { old?: string; new?: string }) => void;
  /** Not given to those who may not publish. */
  onRestore?: ((version: ListedVersion) => void) | undefined;
}

export function VersionTable({ versions, compared, onCompare, onRestore }: Props) {
  const t = useText();
  const isProcess = versions.some(({ activeInstances }) => activeInstances !== null);
  const several = versions.length > 1;
  const choose = (side: 'old' | 'new', key: string) => {
    const pair = { ...(compared.old && { old: compared.old }), ...(compared.new && { new: compared.new }), [side]: key };
    onCompare(pair);
  };
  return (
    <div className={styles.scroller} role="region" aria-label={t('versions.label')} tabIndex={0}>
      <table className={styles.versions}>
        <thead>
          <tr>
            {several && (
              <>
                <th scope="col">{t('versions.old')}</th>
                <th scope="col">{t('versions.new')}</th>
              </>
            )}
            <th scope="col">{t('repository.version')}</th>
            <th scope="col">{t('repository.note')}</th>
            <th scope="col">{t('repository.published')}</th>
            <th scope="col">{t('repository.publishedBy')}</th>
            {isProcess && <th scope="col">{t('repository.active')}</th>}
            <th scope="col">{t('versions.actions')}</th>
          </tr>
        </thead>
        <tbody>
          {versions.map((version) => (
            <tr key={version.resourceKey}>
              {several &&
                (['old', 'new'] as const).map((side) => (
                  <td key={side}>
                    <input
                      type="radio"
                      name={side}
                      aria-label={t(side === 'old' ? 'versions.asOld' : 'versions.asNew', { version: version.version })}
                      checked={compared[side] === version.resourceKey}
                      onChange={() => choose(side, version.resourceKey)}
                    />
                  </td>
                ))}
              <td>
                <Space size={4} wrap>
                  <strong className="tabular">{version.version}</strong>
                  {version.versionTag && <Tag>{version.versionTag}</Tag>}
                  {version.isLatest && <Tag color="success">{t('versions.inForce')}</Tag>}
                  {version.suspendedDate && <Tag color="warning">{t('versions.suspended')}</Tag>}
                </Space>
              </td>
              <td className={styles.note}>
                {version.note ?? <span className="secondary">—</span>}
                {version.restoredFromVersion !== null && <div className="secondary small">{t('versions.restoredFrom', { version: version.restoredFromVersion })}</div>}
              </td>
              <td>
                <DateTime value={version.deploymentDate} />
              </td>
              <td>
                <Person username={version.deployedBy} />
              </td>
              {isProcess && <td className="tabular">{(version.activeInstances ?? 0).toLocaleString('en-US')}</td>}
              <td>
                <Space size={4}>
                  <Link to={`/design/versions/${version.resourceKey}`}>{t('versions.view')}</Link>
                  {!version.isLatest && onRestore && (
                    <Button type="link" size="small" onClick={() => onRestore(version)}>
                      {t('versions.restore')}
                    </Button>
                  )}
                </Space>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
