/** What the server finds in a decision, and which rules have matched in a trial, on the rows and columns of its table. */
import type { Finding } from '../api';
import { byElement } from '../bpmn/findingMarks';

const CLASS = 'll-found';

/** The table that is shown, and its columns. */
export interface ShownTable {
  id: string;
  input?: readonly { id: string; label?: string; inputExpression?: { text?: string } }[];
}

/** Where findings are marked: at their rule or column; one of the whole table, such as a gap, at the columns that it names. */
export function placed(findings: readonly Finding[], table: ShownTable | undefined): Finding[] {
  return findings.flatMap((finding) => {
    if (!table?.input || finding.element !== table.id) return [finding];
    const named = table.input.filter(({ label, inputExpression }) => [label, inputExpression?.text].some((name) => name && finding.detail.includes(`${name}:`)));
    return (named.length > 0 ? named : table.input).map(({ id }) => ({ ...finding, element: id }));
  });
}

/** Mark what findings are said of and what has matched, also after the table is drawn anew; returns how to stop. */
export function markRows(container: HTMLElement, findings: readonly Finding[], matched: readonly string[]): () => void {
  const found = byElement(findings);
  if (found.size + matched.length === 0) return () => {};
  const cellsOf = (id: string) => container.querySelectorAll<HTMLElement>(`[data-element-id="${CSS.escape(id)}"], [data-row-id="${CSS.escape(id)}"], th[data-col-id="${CSS.escape(id)}"]`);
  const mark = () => {
    for (const id of matched) for (const cell of cellsOf(id)) cell.classList.add(CLASS, `${CLASS}-matched`);
    for (const [id, own] of found) {
      for (const cell of cellsOf(id)) {
        cell.classList.add(CLASS, `${CLASS}-${own[0]!.severity}`);
        cell.title = own.map(({ detail }) => detail).join('\n');
      }
    }
  };
  const clear = () => {
    for (const cell of container.querySelectorAll<HTMLElement>(`.${CLASS}`)) {
      cell.classList.remove(CLASS, `${CLASS}-error`, `${CLASS}-warning`, `${CLASS}-info`, `${CLASS}-matched`);
      cell.removeAttribute('title');
    }
  };
  const observer = new MutationObserver(mark);
  observer.observe(container, { childList: true, subtree: true });
  mark();
  return () => {
    observer.disconnect();
    clear();
  };
}
