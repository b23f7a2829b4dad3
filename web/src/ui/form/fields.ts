/**
 * Lendloom's fields for the form viewer: money with its capitals, resident identity numbers, phone numbers.
 *
 * They are preact components, as all fields of form-js are, written as plain calls so that React's JSX stays apart.
 */
import { Description, Errors, Label } from '@bpmn-io/form-js-viewer';
import { h, type ComponentType, type VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { amountOfInput, decimalOf, grouped, inCapitals } from '../amount';
import { currentLanguage } from '../../i18n/strings';
import { phoneDigits } from './identity';
import type { CheckedField } from './validation';

export interface FieldProps {
  field: CheckedField & { label?: string; description?: string; validate?: { required?: boolean } };
  disabled?: boolean;
  readonly?: boolean;
  domId: string;
  errors?: string[];
  value?: unknown;
  onChange: (change: { value: unknown }) => void;
  onBlur?: () => void;
  onFocus?: () => void;
}

interface Manner {
  type: string;
  name: string;
  inputMode: string;
  autocomplete?: string;
  /** How a value stands in the field while nobody types. */
  show: (value: string, field: FieldProps['field']) => string;
  /** What is kept of what was typed. */
  read: (typed: string) => unknown;
  /** Below the field. */
  remark?: (value: string, field: FieldProps['field']) => string | null;
}

type FieldComponent = ((props: FieldProps) => VNode) & { config: Record<string, unknown> };

/** A number where a double holds all its digits, so that the form's own formulas can use it; else its text. */
export function amountValue(typed: string): string | number | null {
  if (typed.trim() === '') return null;
  const amount = amountOfInput(typed);
  if (amount === null) return typed;
  const { whole, fraction } = decimalOf(amount)!;
  return `${whole}${fraction}`.replace(/^0+/, '').length <= 15 ? Number(amount) : amount;
}

const MANNERS: readonly Manner[] = [
  {
    type: 'money',
    name: '金额 Money',
    inputMode: 'decimal',
    show: (value, field) => grouped(value, field.currency === 'JPY' ? 0 : 2) ?? value,
    read: amountValue,
    remark: (value, { currency = 'CNY' }) => {
      const amount = amountOfInput(value);
      return currency === 'CNY' && currentLanguage() === 'zh' && amount !== null ? inCapitals(amount) : null;
    },
  },
  {
    type: 'resident-id',
    name: '身份证号 Resident ID',
    inputMode: 'text',
    show: (value) => value,
    read: (typed) => typed.replace(/\s/g, '').toUpperCase(),
  },
  {
    type: 'phone-cn',
    name: '电话 Phone',
    inputMode: 'tel',
    show: (value) => value.replace(/^(1\d{2})(\d{4})(\d{4})$/, '$1 $2 $3'),
    read: phoneDigits,
  },
];

function fieldOf(manner: Manner): FieldComponent {
  function Field(props: FieldProps): VNode {
    const { field, disabled, readonly, domId, errors = [], onChange, onBlur, onFocus } = props;
    const value = props.value === null || props.value === undefined ? '' : String(props.value);
    const [typed, setTyped] = useState<string | null>(null);
    // A value that comes from elsewhere (a reset, a formula) replaces what was being typed.
    useEffect(() => {
      if (typed !== null && String(manner.read(typed) ?? '') !== value) setTyped(null);
      // What is typed changes the value itself: only a value that differs counts.
      // eslint-disable-next-line react-hooks/exhaustive-deps
    }, [value]);
    const remark = manner.remark?.(typed ?? value, field);
    const classes = ['fjs-form-field', `fjs-form-field-${manner.type}`, 'fjs-form-field-textfield'];
    if (errors.length > 0) classes.push('fjs-has-errors');
    if (disabled) classes.push('fjs-disabled');
    if (readonly) classes.push('fjs-readonly');
    return h('div', { class: classes.join(' ') }, [
      h(Label as ComponentType<object>, { htmlFor: domId, label: field.label ?? '', required: field.validate?.required ?? false } as object),
      h('div', { class: 'fjs-input-group' }, [
        h('input', {
          class: 'fjs-input',
          id: domId,
          type: 'text',
          inputMode: manner.inputMode,
          autocomplete: 'off',
          disabled,
          readOnly: readonly,
          required: field.validate?.required,
          value: typed ?? manner.show(value, field),
          'aria-invalid': errors.length > 0,
          'aria-describedby': `${domId}-remark ${domId}-description ${domId}-error-message`,
          onFocus,
          onInput: (event: Event) => {
            const text = (event.target as HTMLInputElement).value;
            setTyped(text);
            onChange({ value: manner.read(text) });
          },
          onBlur: () => {
            setTyped(null);
            onBlur?.();
          },
        }),
      ]),
      remark ? h('div', { class: 'lendloom-field-remark', id: `${domId}-remark` }, remark) : null,
      h(Description as ComponentType<object>, { id: `${domId}-description`, description: field.description ?? '' } as object),
      h(Errors as ComponentType<object>, { id: `${domId}-error-message`, errors } as object),
    ]);
  }
  Field.config = {
    type: manner.type,
    keyed: true,
    name: manner.name,
    group: 'basic-input',
    emptyValue: manner.type === 'money' ? null : '',
    sanitizeValue: ({ value }: { value: unknown }) => (typeof value === 'string' || typeof value === 'number' ? value : null),
    create: (options: Record<string, unknown> = {}) => ({ label: manner.name, ...options }),
  };
  return Field;
}

/** The fields by their type, for the viewer's and the editor's registry. */
export const OUR_FIELDS: ReadonlyMap<string, FieldComponent> = new Map(MANNERS.map((manner) => [manner.type, fieldOf(manner)]));
