/** A form as it is drawn for a comparison. */

interface Component {
  id?: unknown;
  key?: unknown;
  type?: unknown;
  conditional?: unknown;
  defaultRepetitions?: unknown;
  components?: unknown;
}

/**
 * Every field has the id by which the server tells fields apart (that in the file, else its key, else its place), and
 * none is out of sight: conditions are left out, and lists have an item.
 */
export function drawnForm(text: string): object {
  const schema = JSON.parse(text) as Component;
  const known = new Set([String(schema.id ?? 'form')]);
  return { ...schema, components: drawn(schema.components, [...known][0]!, known) };
}

function drawn(components: unknown, parent: string, known: Set<string>): object[] {
  if (!Array.isArray(components)) return [];
  return (components as Component[]).map((component) => {
    const id = String(component.id || component.key || `${parent}/${known.size}`);
    known.add(id);
    const made: Component = { ...component, id };
    delete made.conditional;
    if (component.type === 'dynamiclist') made.defaultRepetitions = Math.max(1, Number(component.defaultRepetitions ?? 1));
    if (component.components !== undefined) made.components = drawn(component.components, id, known);
    return made;
  });
}
