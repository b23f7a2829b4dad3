/** Fields of a form with what has become of them: a frame, a word, and the values before and after. */
import { h, type ComponentType, type VNode } from 'preact';

import type { PartChange } from '../../../api/schema';
import { text } from '../strings';

export interface FieldMark {
  change: PartChange['change'];
  properties: PartChange['properties'];
}

interface Field {
  (props: { field: { id: string; type: string } }): VNode;
  config: object;
}
interface FormFields {
  get(type: string): Field | undefined;
}

/** What is marked in one of two versions, by the field's id: what was removed is only in the old one, what was added only in the new. */
export function marksOf(changes: readonly PartChange[], moved: readonly string[]): Readonly<Record<string, FieldMark>> {
  const marks: Record<string, FieldMark> = {};
  for (const id of moved) marks[id] = { change: 'moved', properties: [] };
  for (const { partId, partType, change, properties } of changes) if (partType !== 'form') marks[partId] = { change, properties };
  return marks;
}

/** A module for form-js that draws the marks around the fields, whatever their type. */
export function markedFields(marks: Readonly<Record<string, FieldMark>>): object {
  class MarkedFields {
    static $inject = ['formFields'];
    constructor(formFields: FormFields) {
      const made = new Map<Field, Field>();
      const find = formFields.get.bind(formFields);
      formFields.get = (type) => {
        const field = find(type);
        if (!field) return undefined;
        if (!made.has(field)) made.set(field, withMark(field, marks));
        return made.get(field);
      };
    }
  }
  return { __init__: ['lendloomMarkedFields'], lendloomMarkedFields: ['type', MarkedFields] };
}

function withMark(field: Field, marks: Readonly<Record<string, FieldMark>>): Field {
  const Marked = (props: Parameters<Field>[0]) => {
    const shown = h(field as ComponentType<typeof props>, props);
    const mark = marks[props.field.id];
    if (!mark || props.field.type === 'default') return shown;
    return h('div', { 'class': `ll-form-diff ll-form-diff-${mark.change}`, 'data-part': props.field.id }, [h('div', { class: 'll-form-diff-words' }, wordsOf(mark)), shown]);
  };
  return Object.assign(Marked, { config: field.config });
}

function wordsOf({ change, properties }: FieldMark): VNode[] {
  const kind = h('strong', { class: 'll-form-diff-kind' }, text(`compare.${change}`));
  if (change !== 'changed') return [kind];
  const values = properties.map(({ label, oldValue, newValue }) =>
    h('span', { class: 'll-form-diff-value' }, [`${label} `, h('del', {}, oldValue ?? '—'), ' → ', h('ins', {}, newValue ?? '—')]),
  );
  return [kind, ...values];
}
