/** What the server finds in a process, on the elements of its diagram. */
import type { Finding, Severity } from '../api';

interface Overlays {
  add(element: string, type: string, overlay: { position: object; html: HTMLElement }): string;
  remove(filter: { type: string }): void;
}
interface Registry {
  get(id: string): object | undefined;
}
interface Services {
  get<Service>(name: string): Service;
}

const TYPE = 'lendloom-finding';
const WEIGHT: Readonly<Record<Severity, number>> = { error: 2, warning: 1, info: 0 };
const SIGN: Readonly<Record<Severity, string>> = { error: '✕', warning: '!', info: 'i' };

/** The findings of each element, the gravest first. */
export function byElement(findings: readonly Finding[]): Map<string, Finding[]> {
  const found = new Map<string, Finding[]>();
  for (const finding of [...findings].sort((one, other) => WEIGHT[other.severity] - WEIGHT[one.severity])) {
    if (finding.element) found.set(finding.element, [...(found.get(finding.element) ?? []), finding]);
  }
  return found;
}

/** Put a mark at each element that something is said of, in the place of the marks before. */
export function markFindings(editor: Services, findings: readonly Finding[], onOpen: (element: string) => void): void {
  const overlays = editor.get<Overlays>('overlays');
  const registry = editor.get<Registry>('elementRegistry');
  overlays.remove({ type: TYPE });
  for (const [element, own] of byElement(findings)) {
    if (registry.get(element)) overlays.add(element, TYPE, { position: { top: -10, left: -10 }, html: mark(own, () => onOpen(element)) });
  }
}

function mark(findings: readonly Finding[], onOpen: () => void): HTMLElement {
  const { severity } = findings[0]!;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = `ll-finding ll-finding-${severity}`;
  button.textContent = findings.length > 1 ? `${SIGN[severity]} ${findings.length}` : SIGN[severity];
  button.title = findings.map(({ detail }) => detail).join('\n');
  button.setAttribute('aria-label', `${button.textContent} ${button.title}`);
  button.addEventListener('click', onOpen);
  return button;
}
