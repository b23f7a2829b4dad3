/** The form of a task, filled with its case, one's draft, and what was typed before the form had to be drawn anew. */
import { Skeleton } from 'antd';
import { Suspense, useMemo, useRef, type Ref } from 'react';

import type { Form } from '../../api/schema';
import { currentLanguage } from '../../i18n/strings';
import type { FormHandle } from '../../ui/FormView';
import { FormView } from '../../ui/lazyForm';
import type { Values } from './draftKeeper';
import { fieldsOf } from './formFields';

interface Props {
  ref: Ref<FormHandle>;
  form: Form;
  /** What the fields begin with: the case's variables, then the draft's. */
  initial: Values;
  readOnly: boolean;
  errors: Readonly<Record<string, string>>;
  onChange: (values: Values) => void;
}

export function TaskForm({ ref, form, initial, readOnly, errors, onChange }: Props) {
  const typed = useRef<Values>({});
  const language = currentLanguage();
  // Another language or another right draws the form anew: with what was typed.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const data = useMemo(() => ({ ...initial, ...typed.current }), [initial, readOnly, language]);
  const editable = useMemo(() => editableNames(form.schema), [form.schema]);
  return (
    <Suspense fallback={<Skeleton active paragraph={{ rows: 8 }} />}>
      <FormView
        ref={ref}
        schema={form.schema}
        data={data}
        readOnly={readOnly}
        errors={errors}
        onChange={(values) => {
          const entered = only(values, editable);
          if (said(entered) === said(only({ ...initial, ...typed.current }, editable))) return;
          typed.current = entered;
          onChange(entered);
        }}
      />
    </Suspense>
  );
}

/** What was entered, as text to compare; a form tells of changes also when it only fills in what is empty. */
export function said(values: Values): string {
  const isEmpty = (value: unknown) => value === null || value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0);
  const entries = Object.entries(values).filter(([, value]) => !isEmpty(value));
  return JSON.stringify(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The variables that a form's fields can change. */
export function editableNames(schema: string): ReadonlySet<string> {
  return new Set(fieldsOf(schema).filter(({ readOnly }) => !readOnly).map(({ path }) => path.split('.')[0]!));
}

/** Those of some values that have these names. */
export function only(values: Values, names: ReadonlySet<string>): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}
