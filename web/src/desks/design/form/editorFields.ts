/** Our fields as the form editor needs them: with a name and a picture for the palette, and what its panel shows. */
import { h, type VNode } from 'preact';

import { OUR_FIELDS, type FieldProps } from '../../../ui/form/fields';
import { text } from '../strings';

interface FormFields {
  register(type: string, component: unknown): void;
}

const ENTRIES = ['key', 'label', 'description', 'disabled', 'readonly', 'required'];
const MONEY_ENTRIES = [...ENTRIES, 'min', 'max'];

/** The fields' pictures: a mark in a box like those of the editor's own. */
const MARKS: Readonly<Record<string, string>> = { 'money': '¥', 'resident-id': 'ID', 'phone-cn': '☏' };
const NAMES: Readonly<Record<string, () => string>> = {
  'money': () => text('form.field.money'),
  'resident-id': () => text('form.field.residentId'),
  'phone-cn': () => text('form.field.phone'),
};

function icon(mark: string) {
  return function Icon(size: { width?: string; height?: string; viewBox?: string }): VNode {
    return h('svg', { ...size, fill: 'currentcolor', xmlns: 'http://www.w3.org/2000/svg' } as object, [
      h('rect', { x: 8, y: 15, width: 38, height: 24, rx: 3, fill: 'none', stroke: 'currentcolor', 'stroke-width': 2 } as object),
      h('text', { x: 27, y: 33, 'text-anchor': 'middle', 'font-size': 17, 'font-weight': 600 } as object, mark),
    ]);
  };
}

/** A key of a new field. form-js would begin it with the type, but a hyphen is no part of a name in FEEL. */
export const keyOf = (type: string): string => `${type.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}_${Math.random().toString(36).slice(2, 9)}`;

class EditorFields {
  static $inject = ['formFields'];
  constructor(formFields: FormFields) {
    for (const [type, Field] of OUR_FIELDS) {
      const Shown = (props: FieldProps) => Field(props);
      const name = NAMES[type]?.() ?? type;
      const made = {
        ...Field.config,
        name,
        label: name,
        icon: icon(MARKS[type] ?? '?'),
        propertiesPanelEntries: type === 'money' ? MONEY_ENTRIES : ENTRIES,
        create: (options: { key?: string } = {}) => ({ label: name, ...options, key: options.key ?? keyOf(type) }),
      };
      formFields.register(type, Object.assign(Shown, { config: made }));
    }
  }
}

export const editorFieldsModule = { __init__: ['lendloomEditorFields'], lendloomEditorFields: ['type', EditorFields] };
