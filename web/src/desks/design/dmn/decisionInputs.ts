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

/** The decisions of a file, in its order, with what the decisions of the files that it imports need. Throws for text that is no XML. */
export function decisionsOf(xml: string, imported: readonly string[] = []): AskableDecision[] {
  const [file, ...others] = [xml, ...imported].map(read);
  const files = new Map([...others, file!].map((each) => [each.namespace, each]));
  return file!.decisions.map((decision) => ({
    id: decision.id,
    name: decision.getAttribute('name') ?? decision.id,
    inputs: inputsOf(decision, file!, files),
  }));
}

function read(xml: string): File {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  const broken = document.getElementsByTagName('parsererror')[0];
  if (broken) throw new Error(broken.textContent ?? 'XML');
  return new File(document);
}

/** An input has one value, whichever file asks for it: by its name. */
function inputsOf(decision: Element, file: File, files: ReadonlyMap<string, File>): DecisionInput[] {
  const found = new Map<string, DecisionInput>();
  const seen = new Set<Element>();
  const visit = (element: Element, within: File) => {
    if (seen.has(element)) return;
    seen.add(element);
    for (const requirement of children(element, 'informationRequirement')) {
      const [namespace, id] = (child(requirement, 'requiredInput', 'requiredDecision')?.getAttribute('href') ?? '').split('#');
      const owner = namespace ? files.get(namespace) : within;
      const target = owner?.byId.get(id ?? '');
      if (!owner || !target) continue;
      if (target.localName !== 'inputData') visit(target, owner);
      else {
        const input = owner.inputOf(target);
        if (!found.has(input.name)) found.set(input.name, input);
      }
    }
  };
  visit(decision, file);
  return [...found.values()];
}

class File {
  readonly namespace: string;
  readonly decisions: Element[];
  readonly byId = new Map<string, Element>();
  private readonly types = new Map<string, Element>();
  /** Texts that some table allows, by the expression of its input. */
  private readonly allowed = new Map<string, string[]>();

  constructor(document: Document) {
    this.namespace = document.documentElement.getAttribute('namespace') ?? '';
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

  inputOf(input: Element): DecisionInput {
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
