/** Two versions of a form beside each other as people see them, with what differs marked at the fields. */
import { useEffect, useMemo, useRef } from 'react';

import type { ResourceComparisonResult } from '../../../api/schema';
import FormView from '../../../ui/FormView';
import { useText } from '../strings';
import styles from './Compare.module.css';
import { drawnForm } from './drawnForm';
import './FormComparison.css';
import { Legend } from './Legend';
import { markedFields, marksOf } from './markedFields';

interface Props {
  before: { text: string; label: string };
  after: { text: string; label: string };
  /** What differs, as the server has found it. */
  comparison: ResourceComparisonResult;
  /** The field that is chosen in the list of differences. */
  selected: string | null;
}

const NOTHING = {};

export default function FormComparison({ before, after, comparison, selected }: Props) {
  const t = useText();
  const pictures = useRef<HTMLDivElement>(null);
  const modules = useMemo(() => [markedFields(marksOf(comparison.changes, comparison.movedPartIds))], [comparison]);
  const old = useMemo(() => drawnForm(before.text), [before.text]);
  const now = useMemo(() => drawnForm(after.text), [after.text]);

  useEffect(() => {
    if (selected === null) return;
    const shown = [...pictures.current!.querySelectorAll<HTMLElement>(`[data-part="${CSS.escape(selected)}"]`)];
    for (const field of shown) field.dataset.selected = 'true';
    shown.at(-1)?.scrollIntoView({ block: 'center' });
    return () => shown.forEach((field) => delete field.dataset.selected);
  }, [selected]);

  return (
    <>
      <Legend>{t('compare.allDrawn')}</Legend>
      <div ref={pictures} className={styles.files}>
        <section aria-label={before.label} data-testid="form-before">
          <h2>{before.label}</h2>
          <FormView schema={old} data={NOTHING} modules={modules} readOnly />
        </section>
        <section aria-label={after.label} data-testid="form-after">
          <h2>{after.label}</h2>
          <FormView schema={now} data={NOTHING} modules={modules} readOnly />
        </section>
      </div>
    </>
  );
}
