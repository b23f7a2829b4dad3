/** A form with a field of every kind. */

const KEYED = new Set([
  'textfield', 'textarea', 'number', 'datetime', 'expression', 'filepicker', 'checkbox', 'checklist', 'radio', 'select', 'taglist', 'table',
  'money', 'resident-id', 'phone-cn',
]);
const FIELDS = [...KEYED, 'text', 'html', 'image', 'documentPreview', 'spacer', 'separator', 'group', 'dynamiclist', 'iframe', 'button'];

export function everyField(): string {
  const components = FIELDS.map((type) => ({
    type,
    id: `every-${type}`,
    ...(KEYED.has(type) && { key: `值${type}` }),
    ...(/group|dynamiclist/.test(type) && { components: [], path: `值${type}` }),
  }));
  return JSON.stringify({ type: 'default', id: 'every-field', schemaVersion: 19, components });
}
