/** What the server finds in a decision, on the rows and cells of its table. */
import type { Finding } from '../api';
import { byElement } from '../bpmn/findingMarks';

const CLASS = 'll-found';

/** Mark what findings are said of, also after the table is drawn anew; returns how to stop. */
export function markFindings(container: HTMLElement, findings: readonly Finding[]): () => void {
  const found = byElement(findings);
  if (found.size === 0) return () => {};
  const mark = () => {
    for (const [id, own] of found) {
      for (const cell of container.querySelectorAll<HTMLElement>(`[data-element-id="${CSS.escape(id)}"], [data-row-id="${CSS.escape(id)}"]`)) {
        cell.classList.add(CLASS, `${CLASS}-${own[0]!.severity}`);
        cell.title = own.map(({ detail }) => detail).join('\n');
      }
    }
  };
  const clear = () => {
    for (const cell of container.querySelectorAll<HTMLElement>(`.${CLASS}`)) {
      cell.classList.remove(CLASS, `${CLASS}-error`, `${CLASS}-warning`, `${CLASS}-info`);
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
