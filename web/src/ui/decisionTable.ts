/** Decision tables and literal expressions, read from DMN XML (any of its versions: only local names count). */

export interface Clause {
  id: string;
  label: string;
  /** The input's expression, or the output's name. */
  expression: string;
  type: string;
}

export interface Rule {
  id: string;
  inputs: string[];
  outputs: string[];
  annotations: string[];
}

export interface DecisionTable {
  kind: 'table';
  name: string;
  hitPolicy: string;
  aggregation: string;
  inputs: Clause[];
  outputs: Clause[];
  annotations: string[];
  rules: Rule[];
}

export interface LiteralDecision {
  kind: 'literal';
  name: string;
  expression: string;
}

export type DecisionLogic = DecisionTable | LiteralDecision;

/** The logic of a decision; null where it has neither table nor literal expression. Throws for text that is no XML. */
export function readDecision(xml: string, decisionId: string): DecisionLogic | null {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  const broken = document.getElementsByTagName('parsererror')[0];
  if (broken) throw new Error(broken.textContent ?? 'XML');
  const decision = [...document.querySelectorAll('*')].find(
    (each) => each.localName === 'decision' && each.getAttribute('id') === decisionId,
  );
  if (!decision) return null;
  const name = decision.getAttribute('name') ?? decisionId;
  const table = child(decision, 'decisionTable');
  if (table) return { kind: 'table', name, ...tableOf(table) };
  const literal = child(decision, 'literalExpression');
  return literal ? { kind: 'literal', name, expression: textOf(literal) } : null;
}

function tableOf(table: Element): Omit<DecisionTable, 'kind' | 'name'> {
  const rules = children(table, 'rule');
  const described = rules.some((rule) => child(rule, 'description'));
  const annotations = children(table, 'annotation').map((each) => each.getAttribute('name') ?? '');
  return {
    hitPolicy: table.getAttribute('hitPolicy') ?? 'UNIQUE',
    aggregation: table.getAttribute('aggregation') ?? '',
    inputs: children(table, 'input').map(inputOf),
    outputs: children(table, 'output').map((output) => ({
      id: output.getAttribute('id') ?? '',
      label: output.getAttribute('label') ?? output.getAttribute('name') ?? '',
      expression: output.getAttribute('name') ?? '',
      type: output.getAttribute('typeRef') ?? '',
    })),
    annotations: [...annotations, ...(described ? [''] : [])],
    rules: rules.map((rule) => ({
      id: rule.getAttribute('id') ?? '',
      inputs: children(rule, 'inputEntry').map(textOf),
      outputs: children(rule, 'outputEntry').map(textOf),
      annotations: [...children(rule, 'annotationEntry').map(textOf), ...(described ? [child(rule, 'description')?.textContent?.trim() ?? ''] : [])],
    })),
  };
}

function inputOf(input: Element): Clause {
  const expression = child(input, 'inputExpression');
  const text = expression ? textOf(expression) : '';
  return {
    id: input.getAttribute('id') ?? '',
    label: input.getAttribute('label') ?? text,
    expression: text,
    type: expression?.getAttribute('typeRef') ?? '',
  };
}

const children = (parent: Element, name: string) => [...parent.children].filter((each) => each.localName === name);
const child = (parent: Element, name: string) => children(parent, name)[0];
const textOf = (element: Element) => child(element, 'text')?.textContent?.trim() ?? '';

/** A hit policy as its letter in tables: `U`, `C+`. */
export function hitPolicyLetter({ hitPolicy, aggregation }: DecisionTable): string {
  const sign = { SUM: '+', MIN: '<', MAX: '>', COUNT: '#' }[aggregation] ?? '';
  return (hitPolicy[0] ?? 'U') + sign;
}
