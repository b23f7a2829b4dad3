/**
 * A form of a designer, shown by form-js's viewer with our fields, our words, and the server's errors at their
 * fields. Load it lazily (`lazyForm.ts`): it brings FEEL along.
 */
import { Form } from '@bpmn-io/form-js-viewer';
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import '@bpmn-io/form-js-viewer/dist/assets/flatpickr/light.css';
import { App } from 'antd';
import { useEffect, useImperativeHandle, useRef, useState, type Ref } from 'react';

import { useText } from '../i18n/shell';
import { currentLanguage } from '../i18n/strings';
import './FormView.css';
import { localizeCalendar, NO_SUCH_DATE, showCalendars } from './form/calendar';
import { fieldsModule, wordsModule } from './form/ourModule';
import { ProblemNotice } from './ProblemNotice';

export type FormData = Record<string, unknown>;

export interface FormHandle {
  /** Check everything; what was entered, or how many fields are wrong (the first one is shown). */
  submit(): { data: FormData; wrong: 0 } | { data: null; wrong: number };
  /** What is entered now, right or wrong: for drafts. */
  values(): FormData;
}

interface Props {
  ref?: Ref<FormHandle>;
  /** A form-js schema, as text or read. Keep its identity while it is the same. */
  schema: string | object;
  data: FormData;
  readOnly?: boolean;
  /** More for form-js, such as marks at its fields. Keep their identity. */
  modules?: readonly object[];
  /** The server's sentences by the field's path: `{"contacts[1].phone": "…"}`; see `Problem.fieldErrors`. */
  errors?: Readonly<Record<string, string>>;
  /** After every change by the person, with what is entered. */
  onChange?: (values: FormData) => void;
}

const NONE: readonly object[] = [];

export default function FormView({ ref, schema, data, readOnly = false, modules = NONE, errors, onChange }: Props) {
  const t = useText();
  const { message } = App.useApp();
  const language = currentLanguage();
  const container = useRef<HTMLDivElement>(null);
  const [form, setForm] = useState<Form | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const changed = useRef(onChange);
  useEffect(() => {
    changed.current = onChange;
  });

  useEffect(() => {
    localizeCalendar();
    // Debounced, form-js forgets what was typed last when something else draws the field anew meanwhile.
    const made = new Form({ container: container.current!, debounce: false, additionalModules: [fieldsModule, wordsModule, ...modules] } as never);
    let gone = false;
    const read = typeof schema === 'string' ? () => JSON.parse(schema) as object : () => schema;
    Promise.resolve()
      .then(() => made.importSchema(read() as never, data as never))
      .then(() => {
        if (gone) return;
        made.setProperty('readOnly' as never, readOnly);
        made.on('changed', () => changed.current?.(valuesOf(made)));
        setForm(made);
        setFailure(null);
      })
      .catch((error: unknown) => !gone && setFailure(error));
    return () => {
      gone = true;
      setForm(null);
      made.destroy();
    };
  }, [schema, data, readOnly, modules, language]);

  useEffect(() => showCalendars(container.current!), []);

  useEffect(() => {
    const element = container.current!;
    const tell = (event: Event) => void message.warning(t('form.noSuchDate', { text: (event as CustomEvent<string>).detail }));
    element.addEventListener(NO_SUCH_DATE, tell);
    return () => element.removeEventListener(NO_SUCH_DATE, tell);
  }, [message, t]);

  useEffect(() => {
    if (!form || !errors || Object.keys(errors).length === 0) return;
    const entered = valuesOf(form);
    const keep = () => keepErrors(form, errors, entered);
    showErrors(form, errors);
    focusFirstError(container.current);
    form.on('changed', keep);
    return () => form.off('changed', keep);
  }, [form, errors]);

  useImperativeHandle(
    ref,
    () => ({
      submit: () => {
        if (!form) return { data: null, wrong: 0 };
        // A field that is being typed into tells its value when it is left.
        // form-js listens to either event, depending on the field.
        for (const left of ['blur', 'focusout']) document.activeElement?.dispatchEvent(new FocusEvent(left, { bubbles: left === 'focusout' }));
        const { data: entered, errors: found } = form.submit() as { data: FormData; errors: object };
        const wrong = countOf(found);
        if (wrong === 0) return { data: entered, wrong: 0 };
        focusFirstError(container.current);
        return { data: null, wrong };
      },
      values: () => (form ? valuesOf(form) : {}),
    }),
    [form],
  );

  return (
    <>
      {failure !== null && <ProblemNotice error={failure} title={t('form.failed')} />}
      <div ref={container} className="lendloom-form" />
    </>
  );
}

interface Instance {
  id: string;
  valuePath: (string | number)[];
  indexes?: Record<string, number>;
}

function valuesOf(form: Form): FormData {
  return (form as unknown as { _getSubmitData(): FormData })._getSubmitData();
}

/** Put the server's sentences at their fields. */
function showErrors(form: Form, errors: Readonly<Record<string, string>>): void {
  const instances = form.get<{ getAllKeyed(): Instance[] }>('formFieldInstanceRegistry').getAllKeyed();
  const shown: Record<string, unknown> = { ...(form._getState() as { errors: object }).errors };
  for (const { id, valuePath, indexes } of instances) {
    const sentence = errors[pathText(valuePath)];
    if (sentence !== undefined) place(shown, [id, ...Object.values(indexes ?? {})], [sentence]);
  }
  form._setState({ errors: shown });
}

/** What the form's own check does not know of stays at its field until the field has another value. */
function keepErrors(form: Form, errors: Readonly<Record<string, string>>, entered: FormData): void {
  const values = valuesOf(form);
  const same = ([path]: [string, string]) => JSON.stringify(valueAt(values, path)) === JSON.stringify(valueAt(entered, path));
  const standing = Object.entries(errors).filter(same);
  const shown = JSON.stringify((form._getState() as { errors: object }).errors);
  if (standing.some(([, sentence]) => !shown.includes(JSON.stringify(sentence)))) showErrors(form, Object.fromEntries(standing));
}

/** The value at `contacts[1].phone`. */
function valueAt(values: FormData, path: string): unknown {
  const parts = path.match(/[^.[\]]+/g) ?? [];
  return parts.reduce<unknown>((value, part) => (value as Record<string, unknown> | null | undefined)?.[part], values);
}

/** `contacts[1].phone` for `['contacts', 1, 'phone']`. */
function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${part}` : part), '');
}

function place(tree: Record<string | number, unknown>, path: readonly (string | number)[], value: unknown): void {
  const [first, ...rest] = path;
  if (rest.length === 0) tree[first!] = value;
  else place((tree[first!] ??= {}) as Record<string | number, unknown>, rest, value);
}

function countOf(errors: unknown): number {
  if (Array.isArray(errors) && errors.every((each) => typeof each === 'string')) return errors.length > 0 ? 1 : 0;
  if (typeof errors !== 'object' || errors === null) return 0;
  return Object.values(errors).reduce((sum: number, inner) => sum + countOf(inner), 0);
}

function focusFirstError(container: HTMLElement | null): void {
  requestAnimationFrame(() => {
    const field = container?.querySelector('.fjs-has-errors');
    field?.scrollIntoView({ block: 'center' });
    field?.querySelector<HTMLElement>('input, textarea, select, [tabindex]')?.focus({ preventScroll: true });
  });
}
