/** What the colours of a comparison mean. */
import type { PartChange } from '../../../api/schema';
import { useText } from '../strings';
import styles from './Compare.module.css';

const CHANGES: readonly PartChange['change'][] = ['added', 'removed', 'changed', 'moved'];

/** On paper the colours are those of diagrams, else those of the theme. */
export function Legend({ onPaper = false, children }: { onPaper?: boolean; children?: React.ReactNode }) {
  const t = useText();
  return (
    <ul className={styles.legend} data-paper={onPaper || undefined} data-testid="legend">
      {CHANGES.map((change) => (
        <li key={change}>
          <span className={styles.sample} data-change={change} /> {t(`compare.${change}`)}
        </li>
      ))}
      {children && <li className="secondary">{children}</li>}
    </ul>
  );
}
