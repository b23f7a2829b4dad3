/** What is published together: what must be, what is to follow, and the drafts that could be. */
import { Checkbox, Select } from 'antd';

import { KindTag } from '../KindTag';
import { useText } from '../strings';
import { offered, type Part } from './bundle';
import styles from './Publish.module.css';
import { SourceName } from './SourceName';

interface Props {
  parts: readonly Part[];
  onChange: (key: string, change: { isSent?: boolean; source?: string }) => void;
}

export function BundleList({ parts, onChange }: Props) {
  const t = useText();
  const near = parts.filter(({ reason, isSent }) => isSent || reason !== 'other');
  const others = parts.filter((part) => !near.includes(part));
  if (parts.length < 2) return null;
  const row = (part: Part) => <Row key={part.member.key} part={part} onChange={(change) => onChange(part.member.key, change)} />;
  return (
    <section className={styles.bundle} aria-label={t('bundle.title')} data-testid="bundle">
      <h3>{t('bundle.title')}</h3>
      <ul>{near.map(row)}</ul>
      {others.length > 0 && (
        <details>
          <summary>{t('bundle.others', { count: others.length })}</summary>
          <ul>{others.map(row)}</ul>
        </details>
      )}
    </section>
  );
}

function Row({ part, onChange }: { part: Part; onChange: (change: { isSent?: boolean; source?: string }) => void }) {
  const t = useText();
  const { member, source, reason, isSent, because } = part;
  const isFixed = reason === 'own' || reason === 'required' || reason === 'imported';
  const sources = reason === 'own' ? [source] : offered(member);
  const names = because.join(t('list.separator'));
  const version = member.latest?.version ?? 0;
  return (
    <li>
      <Checkbox checked={isSent} disabled={isFixed} onChange={({ target }) => onChange({ isSent: target.checked })}>
        <span className={styles.name}>
          <KindTag kind={member.kind} /> {source.name}
        </span>
      </Checkbox>
      <div className={styles.details}>
        {sources.length > 1 ? (
          <Select
            size="small"
            className={styles.sources}
            aria-label={t('bundle.source', { name: source.name })}
            value={source.key}
            onChange={(key: string) => onChange({ source: key })}
            options={sources.map((each) => ({ value: each.key, label: <SourceName source={each} version={version} /> }))}
          />
        ) : (
          <span className="secondary">
            <SourceName source={source} version={version} />
          </span>
        )}
        {reason === 'own' && !source.differs && member.latest && <span>{t('bundle.same', { version })}</span>}
        {reason === 'required' && <span>{t('bundle.required', { names })}</span>}
        {reason === 'imported' && <span>{t('bundle.imported', { names })}</span>}
        {reason === 'follows' && <span>{t(!isSent ? 'bundle.behind' : member.kind === 'dmn' ? 'bundle.imports' : 'bundle.follows', { names })}</span>}
        {reason === 'related' && <span className="secondary">{t('bundle.related', { names })}</span>}
      </div>
    </li>
  );
}
