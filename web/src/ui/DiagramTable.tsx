/** A diagram as a table: its elements, how far each was reached, how many are there. */
import { useText } from '../i18n/shell';
import type { ElementMark } from './Diagram';
import type { DiagramElement } from './diagramElements';
import { useElementKind } from './elementKinds';
import styles from './PlainTable.module.css';

interface Props {
  name: string;
  elements: readonly DiagramElement[];
  marks: Readonly<Record<string, ElementMark>>;
  /** What the marks count. */
  counted: string | undefined;
  selected: string | null;
  onSelect: ((elementId: string) => void) | undefined;
}

const STATES = { passed: 'diagram.passed', active: 'diagram.active', incident: 'diagram.incident' } as const;

export function DiagramTable({ name, elements, marks, counted, selected, onSelect }: Props) {
  const t = useText();
  const kind = useElementKind();
  const all = Object.values(marks);
  const withStates = all.some(({ state }) => state !== undefined);
  const withCounts = counted !== undefined || all.some(({ count }) => count !== undefined);
  const withIncidents = !withStates && all.some(({ incidents }) => incidents !== undefined);
  return (
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={t('diagram.label', { name })}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('diagram.element')}</th>
            <th scope="col">{t('diagram.kind')}</th>
            {withStates && <th scope="col">{t('diagram.state')}</th>}
            {withCounts && <th scope="col">{counted ?? t('diagram.count')}</th>}
            {withIncidents && <th scope="col">{t('diagram.incidentCount')}</th>}
          </tr>
        </thead>
        <tbody>
          {elements.map(({ id, name: label, type }) => {
            const { state, incidents, count } = marks[id] ?? {};
            return (
              <tr key={id} aria-current={id === selected || undefined}>
                <th scope="row">
                  {onSelect ? (
                    <button type="button" className={styles.link} onClick={() => onSelect(id)}>
                      {label || id}
                    </button>
                  ) : (
                    label || id
                  )}
                </th>
                <td>{kind(type)}</td>
                {withStates && (
                  <td>
                    {state ? t(STATES[state]) : t('diagram.notReached')}
                    {!!incidents && ` · ${t('diagram.incidents', { count: incidents })}`}
                  </td>
                )}
                {withCounts && <td className="tabular">{count ?? 0}</td>}
                {withIncidents && <td className="tabular">{incidents ?? 0}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
