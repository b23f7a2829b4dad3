/**
 * What a process has from other tools: attributes and extension elements in namespaces that are neither BPMN's nor
 * those of the server. Some are executed all the same, some are refused; each can be removed.
 */

/** An object of the model, as bpmn-moddle has it. */
export interface Moddle {
  $type: string;
  $attrs?: Record<string, string>;
  $parent?: Moddle;
  id?: string;
  extensionElements?: Extensions;
  loopCharacteristics?: Moddle;
  eventDefinitions?: Moddle[];
  conditionExpression?: Moddle;
  processRef?: Moddle;
  $children?: Moddle[];
  $body?: string;
}
interface Extensions extends Moddle {
  values?: Moddle[];
}

export interface Foreign {
  /** As the server calls it: `camunda:class`, whatever prefix the file has. */
  name: string;
  value: string;
  /** What changes, and how, when it is removed. */
  target: Moddle;
  without: Readonly<Record<string, unknown>>;
}

/** Dialects that the server reads in part, by the prefix that it names them with. */
const DIALECTS: Readonly<Record<string, string>> = {
  'http://camunda.org/schema/1.0/bpmn': 'camunda',
  'http://flowable.org/bpmn': 'flowable',
  'http://activiti.org/bpmn': 'activiti',
};
const OUR_OWN = /^http:\/\/camunda\.org\/schema\/(zeebe|modeler)\/1\.0$|lendloom|^http:\/\/(www\.omg\.org|www\.w3\.org|bpmn\.io)\//;

/** An element's object, and those inside that have no place of their own on the diagram. */
export function partsOf(object: Moddle): Moddle[] {
  const { loopCharacteristics, eventDefinitions = [], conditionExpression, processRef } = object;
  return [object, loopCharacteristics, ...eventDefinitions, conditionExpression, processRef].filter((part) => part !== undefined);
}

/** What is foreign in an element of the diagram. */
export function foreignOf(object: Moddle): Foreign[] {
  const nameOf = namesIn(rootOf(object));
  return partsOf(object).flatMap((part) => [...attributesOf(part, nameOf), ...elementsOf(part, nameOf)]);
}

/** The extension elements of the server's own namespace, by the names that the server has for them. */
export function extensionsOf(object: Moddle): Foreign[] {
  return partsOf(object).flatMap((part) => elementsOf(part, ownName));
}

const ownName: Names = (qualified) => {
  const [prefix, local] = qualified.split(':');
  return prefix === 'zeebe' && local ? `zeebe:${local[0]!.toLowerCase()}${local.slice(1)}` : null;
};

/** What a finding says should go: the server names it at the beginning, or in its sentence. */
export function meantBy(detail: string, found: readonly Foreign[]): Foreign | undefined {
  const said = (name: string) => new RegExp(`(^|[^\\w:])${name}(?![\\w:])`).test(detail);
  return found.find(({ name }) => said(name)) ?? found.find(({ name }) => said(name.slice(name.indexOf(':') + 1)));
}

type Names = (qualified: string) => string | null;

/** How a name of the file is called by the server; null where it is none of other tools. */
function namesIn(root: Moddle): Names {
  return (qualified) => {
    const [prefix, local] = qualified.split(':');
    if (!prefix || !local || prefix === 'xmlns') return null;
    const uri = root.$attrs?.[`xmlns:${prefix}`];
    if (uri === undefined || OUR_OWN.test(uri)) return null;
    return `${DIALECTS[uri] ?? prefix}:${local}`;
  };
}

function rootOf(object: Moddle): Moddle {
  let root = object;
  while (root.$parent) root = root.$parent;
  return root;
}

function attributesOf(part: Moddle, nameOf: Names): Foreign[] {
  return Object.entries(part.$attrs ?? {}).flatMap(([attribute, value]) => {
    const name = nameOf(attribute);
    return name === null ? [] : [{ name, value: String(value), target: part, without: { [attribute]: undefined } }];
  });
}

function elementsOf(part: Moddle, nameOf: Names): Foreign[] {
  const { extensionElements } = part;
  const values = extensionElements?.values ?? [];
  return values.flatMap((extension) => {
    const name = nameOf(extension.$type);
    if (name === null || !extensionElements) return [];
    const rest = values.filter((each) => each !== extension);
    const removal = rest.length > 0 ? { target: extensionElements, without: { values: rest } } : { target: part, without: { extensionElements: undefined } };
    return [{ name, value: textOf(extension), ...removal }];
  });
}

/** What an extension element says, in short. */
function textOf(extension: Moddle): string {
  const inner = (extension.$children ?? []).map(textOf).filter(Boolean);
  const own = Object.entries(extension)
    .filter(([key, value]) => !key.startsWith('$') && typeof value === 'string')
    .map(([key, value]) => `${key}=${String(value)}`);
  return [...own, ...(extension.$body?.trim() ? [extension.$body.trim()] : []), ...inner].join(' ');
}
