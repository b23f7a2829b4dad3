/** What a form says about its fields: labels, options, headings. For everything that names a variable to people. */

export interface FormField {
  /** The variable, `contact.phone` for one within another. */
  path: string;
  label: string;
  type: string;
  /** The label of each value that can be chosen. */
  options: ReadonlyMap<string, string>;
  /** The heading above it. */
  group: string | null;
  readOnly: boolean;
}

interface Component {
  type: string;
  key?: string;
  path?: string;
  label?: string;
  text?: string;
  action?: string;
  readonly?: unknown;
  disabled?: unknown;
  values?: { label: string; value: unknown }[];
  components?: Component[];
}

/** The fields of a form-js schema, in their order. An unreadable schema has none. */
export function fieldsOf(schema: string | undefined): FormField[] {
  const found: FormField[] = [];
  let group: string | null = null;
  const walk = (components: readonly Component[], prefix: string) => {
    for (const component of components) {
      const heading = headingOf(component);
      if (heading !== null) group = heading;
      if (component.key && component.type !== 'expression') found.push(fieldOf(component, prefix, group));
      if (component.type === 'group') walk(component.components ?? [], component.path ? `${prefix}${component.path}.` : prefix);
    }
  };
  walk(componentsOf(schema), '');
  return found;
}

/** The caption of the form's own button, where it has one. */
export function submitCaption(schema: string | undefined): string | null {
  const button = componentsOf(schema).find(({ type, action }) => type === 'button' && action !== 'reset');
  return button?.label || null;
}

/** A value as its form shows it: the label of an option, or of each of several. */
export function optionText(field: FormField | undefined, value: unknown): string | null {
  if (!field || field.options.size === 0) return null;
  const values = Array.isArray(value) ? value : [value];
  return values.map((each) => field.options.get(String(each)) ?? String(each)).join('、');
}

/** The one field of which several can be chosen that offers all of these: what else holds codes of the same list. */
export function fieldOffering(fields: readonly FormField[], values: readonly unknown[]): FormField | undefined {
  const offering = fields.filter(({ type, options }) => SEVERAL.has(type) && values.every((each) => options.has(String(each))));
  return values.length > 0 && offering.length === 1 ? offering[0] : undefined;
}

const SEVERAL: ReadonlySet<string> = new Set(['checklist', 'taglist']);

function componentsOf(schema: string | undefined): readonly Component[] {
  try {
    return (JSON.parse(schema ?? '{}') as { components?: Component[] }).components ?? [];
  } catch {
    return [];
  }
}

function headingOf({ type, text, label }: Component): string | null {
  if (type === 'group') return label || null;
  const heading = type === 'text' ? /^#{1,6}\s+(.+)/.exec(text ?? '') : null;
  return heading ? heading[1]!.trim() : null;
}

function fieldOf({ type, key, label, values, readonly, disabled }: Component, prefix: string, group: string | null): FormField {
  return {
    path: prefix + key!,
    label: label || key!,
    type,
    options: new Map((values ?? []).map((option) => [String(option.value), option.label])),
    group,
    readOnly: readonly === true || disabled === true,
  };
}
