/** What a decision needs to be asked: the input data that it requires, with all that it builds on. */

export interface DecisionInput {
  name: string;
  type: 'number' | 'boolean' | 'text' | 'date' | 'any';
  /** Texts that the file allows; empty where it does not say. */
  choices: readonly string[];
}

export interface AskableDecision {
  id: string;
  name: string;
  inputs: readonly DecisionInput[];
}

const TYPES: Readonly<Record<string, DecisionInput['type']>> = {
  number: 'number',
  boolean: 'boolean',
  string: 'text',
  date: 'date',
};

/** The decisions of a file, in its order. Throws for text that is no XML. */
export function decisionsOf(xml: string): AskableDecision[] {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  const broken = document.getElementsByTagName('parsererror')[0];
  if (broken) throw new Error(broken.textContent ?? 'XML');
  const file = new File(document);
  return file.decisions.map((decision) => ({
    id: decision.id,
    name: decision.getAttribute('name') ?? decision.id,
    inputs: file.inputsOf(decision),
  }));
}

class File {
  readonly decisions: Element[];
  private readonly byId = new Map<string, Element>();
  private readonly types = new Map<string, Element>();
  /** Texts that some table allows, by the expression of its input. */
  private readonly allowed = new Map<string, string[]>();

  constructor(document: Document) {
    const all = [...document.getElementsByTagName('*')];
    const named = (name: string) => all.filter(({ localName }) => localName === name);
    for (const element of all) if (element.id) this.byId.set(element.id, element);
    this.decisions = named('decision');
    for (const type of named('itemDefinition')) this.types.set(type.getAttribute('name') ?? '', type);
    for (const input of named('input')) {
      const expression = textOf(child(child(input, 'inputExpression'), 'text')).trim();
      const values = texts(textOf(child(child(input, 'inputValues'), 'text')));
      if (expression && values.length > 0 && !this.allowed.has(expression)) this.allowed.set(expression, values);
    }
  }

  inputsOf(decision: Element): DecisionInput[] {
    const found = new Map<string, DecisionInput>();
    const seen = new Set<string>();
    const visit = (element: Element) => {
      if (seen.has(element.id)) return;
      seen.add(element.id);
      for (const requirement of children(element, 'informationRequirement')) {
        const target = this.byId.get(child(requirement, 'requiredInput', 'requiredDecision')?.getAttribute('href')?.replace(/^.*#/, '') ?? '');
        if (!target) continue;
        if (target.localName !== 'inputData') visit(target);
        else if (!found.has(target.id)) found.set(target.id, this.inputOf(target));
      }
    };
    visit(decision);
    return [...found.values()];
  }

  private inputOf(input: Element): DecisionInput {
    const variable = child(input, 'variable');
    const name = variable?.getAttribute('name') ?? input.getAttribute('name') ?? input.id;
    const reference = variable?.getAttribute('typeRef') ?? '';
    const definition = this.types.get(reference);
    const base = definition ? textOf(child(definition, 'typeRef')).trim() : reference;
    const isList = definition?.getAttribute('isCollection') === 'true';
    const declared = definition ? texts(textOf(child(child(definition, 'allowedValues'), 'text'))) : [];
    const choices = declared.length > 0 ? declared : (this.allowed.get(name) ?? []);
    return { name, type: isList ? 'any' : (TYPES[base] ?? (base ? 'any' : choices.length > 0 ? 'text' : 'any')), choices };
  }
}

/** The value of what was typed: by the input's type; of any type as JSON, or else as text. `null` where it is empty. */
export function valueOf(typed: string, type: DecisionInput['type']): unknown {
  const text = typed.trim();
  if (text === '') return null;
  if (type === 'boolean') return text === 'true';
  if (type === 'number') return numberOf(text);
  if (type === 'text' || type === 'date') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A number that a double carries exactly as it was typed; undefined for all else. */
export function numberOf(text: string): number | undefined {
  const plain = text.replace(/,/g, '');
  if (!/^-?\d+(\.\d+)?$/.test(plain) || plain.replace(/[-.]/g, '').replace(/^0+/, '').length > 15) return undefined;
  return Number(plain);
}

function children(parent: Element | null | undefined, ...names: string[]): Element[] {
  return parent ? [...parent.children].filter(({ localName }) => names.includes(localName)) : [];
}

const child = (parent: Element | null | undefined, ...names: string[]): Element | undefined => children(parent, ...names)[0];
const textOf = (element: Element | undefined): string => element?.textContent ?? '';

/** The texts of a list such as `"A","B"`; nothing where it is more than texts. */
function texts(list: string): string[] {
  const parts = list.split(',').map((part) => part.trim());
  return parts.every((part) => /^"[^"]*"$/.test(part)) ? parts.map((part) => part.slice(1, -1)) : [];
}
