/** What differs between two versions, in words, with the old and the new value of everything. */
import { CheckCircleOutlined } from '@ant-design/icons';
import { Tag } from 'antd';

import type { PartChange, ResourceComparisonResult } from '../../../api/schema';
import { useText } from '../strings';
import styles from './Compare.module.css';

interface Props {
  comparison: ResourceComparisonResult;
  selected: string | null;
  /** Shows a part in the picture, where there is one. */
  onSelect: ((partId: string) => void) | undefined;
}

const COLOURS: Readonly<Record<PartChange['change'], string>> = { added: 'success', removed: 'error', changed: 'warning', moved: 'processing' };

export function ChangeList({ comparison, selected, onSelect }: Props) {
  const t = useText();
  const { changes, movedPartIds, isIdentical } = comparison;
  return (
    <section aria-label={t('compare.words')} data-testid="changes">
      {isIdentical && (
        <p>
          <CheckCircleOutlined style={{ color: 'var(--ll-success)' }} /> {t(movedPartIds.length > 0 ? 'compare.onlyMoved' : 'compare.identical', { count: movedPartIds.length })}
        </p>
      )}
      {changes.length > 0 && (
        <div className={styles.scroller} tabIndex={0} role="region" aria-label={t('compare.words')}>
          <table className={styles.changes}>
            <thead>
              <tr>
                <th scope="col">{t('compare.change')}</th>
                <th scope="col">{t('compare.part')}</th>
                <th scope="col">{t('compare.property')}</th>
                <th scope="col">{t('compare.old')}</th>
                <th scope="col">{t('compare.new')}</th>
              </tr>
            </thead>
            {changes.map((change) => (
              <Change key={`${change.change} ${change.partId}`} change={change} isSelected={selected === change.partId} onSelect={onSelect} />
            ))}
          </table>
        </div>
      )}
      {!isIdentical && movedPartIds.length > 0 && <p className="secondary">{t('compare.alsoMoved', { count: movedPartIds.length })}</p>}
    </section>
  );
}

function Change({ change, isSelected, onSelect }: { change: PartChange; isSelected: boolean; onSelect: Props['onSelect'] }) {
  const t = useText();
  const { properties, partId, partTypeLabel, name, parentName } = change;
  const rows = properties.length > 0 ? properties : [null];
  return (
    <tbody className={isSelected ? styles.selected : undefined}>
      {rows.map((property, index) => (
        <tr key={property?.property ?? index}>
          {index === 0 && (
            <>
              <th scope="rowgroup" rowSpan={rows.length}>
                <Tag color={COLOURS[change.change]}>{t(`compare.${change.change}`)}</Tag>
              </th>
              <th scope="rowgroup" rowSpan={rows.length}>
                <span className="secondary">{partTypeLabel}</span>{' '}
                {onSelect ? (
                  <button type="button" className={styles.part} onClick={() => onSelect(partId)}>
                    {name}
                  </button>
                ) : (
                  name
                )}
                {parentName && parentName !== name && <div className="secondary small">{parentName}</div>}
              </th>
            </>
          )}
          <td>{property?.label}</td>
          <td translate="no">{property && <Value text={property.oldValue} />}</td>
          <td translate="no">{property && <Value text={property.newValue} />}</td>
        </tr>
      ))}
    </tbody>
  );
}

function Value({ text }: { text: string | null }) {
  return text === null ? <span className="secondary">—</span> : <span className={styles.value}>{text}</span>;
}
