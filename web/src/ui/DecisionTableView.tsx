/** A decision as a plain table, with the rules that matched marked, in colour and in words. */
import { useMemo } from 'react';

import { useText } from '../i18n/shell';
import { hitPolicyLetter, readDecision, type DecisionTable } from './decisionTable';
import styles from './PlainTable.module.css';

interface Props {
  /** The DMN file, and which of its decisions. */
  xml: string;
  decisionId: string;
  /** Ids of the rules that matched. */
  matched?: readonly string[];
  /** Rules that stand out for another reason: a class name each, and what to say of it. */
  marked?: Readonly<Record<string, { className: string; label: string }>>;
  /** What each input was, by the input's id. */
  values?: Readonly<Record<string, string>>;
}

export function DecisionTableView({ xml, decisionId, matched = [], marked = {}, values }: Props) {
  const t = useText();
  const decision = useMemo(() => readDecision(xml, decisionId), [xml, decisionId]);
  if (decision === null) return <p className="secondary">{t('decision.none')}</p>;
  if (decision.kind === 'literal') {
    return (
      <figure style={{ margin: 0 }}>
        <figcaption className="secondary">{t('decision.expression')}</figcaption>
        <pre style={{ whiteSpace: 'pre-wrap', margin: '4px 0' }}>{decision.expression}</pre>
      </figure>
    );
  }
  return <Table table={decision} matched={matched} marked={marked} values={values} />;
}

interface TableProps extends Required<Pick<Props, 'matched' | 'marked'>> {
  table: DecisionTable;
  values: Props['values'];
}

function Table({ table, matched, marked, values }: TableProps) {
  const t = useText();
  return (
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={table.name}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col" rowSpan={2} title={t('decision.hitPolicy', { policy: table.hitPolicy })}>
              {hitPolicyLetter(table)}
            </th>
            {table.inputs.length > 0 && (
              <th scope="colgroup" colSpan={table.inputs.length}>
                {t('decision.inputs')}
              </th>
            )}
            <th scope="colgroup" colSpan={table.outputs.length}>
              {t('decision.outputs')}
            </th>
            {table.annotations.length > 0 && (
              <th scope="col" rowSpan={2} colSpan={table.annotations.length}>
                {t('decision.annotation')}
              </th>
            )}
          </tr>
          <tr>
            {table.inputs.map(({ id, label, expression }) => (
              <th key={id} scope="col" title={expression}>
                {label}
                {values?.[id] !== undefined && <div className="tabular">= {values[id]}</div>}
              </th>
            ))}
            {table.outputs.map(({ id, label }) => (
              <th key={id} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rules.map((rule, index) => {
            const isMatched = matched.includes(rule.id);
            const mark = marked[rule.id];
            return (
              <tr key={rule.id} className={isMatched ? styles.matched : mark?.className} data-matched={isMatched || undefined}>
                <th scope="row" aria-label={`${t('decision.rule')} ${index + 1}`}>
                  {index + 1}
                  {isMatched && <strong> {t('decision.matched')}</strong>}
                  {mark && <strong> {mark.label}</strong>}
                </th>
                {rule.inputs.map((entry, at) => (
                  <td key={at}>{entry === '' || entry === '-' ? <span aria-label={t('decision.any')}>–</span> : <span translate="no">{entry}</span>}</td>
                ))}
                {rule.outputs.map((entry, at) => (
                  <td key={at} translate="no">
                    {entry}
                  </td>
                ))}
                {rule.annotations.map((entry, at) => (
                  <td key={at} className="secondary">
                    {entry}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
