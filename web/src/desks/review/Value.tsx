/** A value of a case as people read it: amounts, options, yes and no, lists and objects; personal data masked. */
import { EyeInvisibleOutlined, EyeOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { createContext, use, useState } from 'react';

import { useSpoken } from '../../processes/spoken';
import { grouped } from '../../ui/amount';
import { DateTime } from '../../ui/DateTime';
import { Money } from '../../ui/Money';
import { useGroupNames } from '../../ui/names';
import { isAmount, isGroup, isRate, masked } from './facts';
import { fieldOffering, optionText, type FormField } from './formFields';
import styles from './review.module.css';
import { useText } from './strings';
import type zh from './strings.zh';
import zhStrings from './strings.zh';

interface Props {
  name: string;
  value: unknown;
  field?: FormField | undefined;
  /** Where the label of a masked value is needed for its button. */
  label: string;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const LONGEST = 600;

/** The fields of the forms around: their options name the codes in what the process has found out, too. */
export const KnownFields = createContext<readonly FormField[]>([]);

export function Value({ name, value, field, label }: Props) {
  const t = useText();
  const known = use(KnownFields);
  const code = useCode();
  if (value === null || value === undefined || value === '') return <span className="secondary">—</span>;
  const option = optionText(field, value) ?? code(name, value) ?? optionText(fieldNamed(known, name, value), value);
  if (option !== null) return <>{option}</>;
  const mask = masked(name, value);
  if (mask !== null) return <Masked mask={mask} whole={String(value)} label={label} />;
  if (typeof value === 'boolean') return <>{t(value ? 'task.yes' : 'task.no')}</>;
  if (typeof value === 'number') return <Figure name={name} value={value} />;
  if (typeof value === 'string') return <Words name={name} value={value} />;
  if (Array.isArray(value)) return <List name={name} values={value} field={field} />;
  return <Parts value={value as Record<string, unknown>} />;
}

function Figure({ name, value }: { name: string; value: number }) {
  if (isAmount(name)) return <Money value={value} capitals />;
  if (isRate(name)) return <span className="tabular">{percent(value)}</span>;
  return <span className="tabular">{grouped(value, 0) ?? value}</span>;
}

function Words({ name, value }: { name: string; value: string }) {
  const t = useText();
  const say = useSpoken();
  const groupOf = useGroupNames(isGroup(name) ? [value] : []);
  if (isGroup(name)) return <>{groupOf(value)}</>;
  if (isAmount(name) && grouped(value) !== null) return <Money value={value} capitals />;
  if (INSTANT.test(value)) return <DateTime value={value} />;
  if (value.length <= LONGEST) return <span className={styles.words}>{say.text(value)}</span>;
  return (
    <span className={styles.words} title={t('facts.long')}>
      {value.slice(0, LONGEST)}…
    </span>
  );
}

function List({ name, values, field }: { name: string; values: readonly unknown[]; field: FormField | undefined }) {
  const t = useText();
  const say = useSpoken();
  const codes = optionText(fieldOffering(use(KnownFields), values), values);
  if (codes !== null) return <>{codes}</>;
  if (values.every((each) => typeof each !== 'object' || each === null)) return <>{values.map((each) => (typeof each === 'string' ? say.text(each) : say.value(JSON.stringify(each)))).join(t('list.separator')) || '—'}</>;
  return (
    <ol className={styles.list}>
      {values.map((each, index) => (
        <li key={index}>
          <Value name={name} value={each} field={field} label={name} />
        </li>
      ))}
    </ol>
  );
}

function Parts({ value }: { value: Record<string, unknown> }) {
  const labelOf = useVariableLabel();
  const entries = Object.entries(value);
  if (entries.length === 0) return <span className="secondary">—</span>;
  return (
    <dl className={styles.parts}>
      {entries.map(([name, part]) => (
        <div key={name}>
          <dt>{labelOf(name)}</dt>
          <dd>
            <Value name={name} value={part} label={labelOf(name)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Masked({ mask, whole, label }: { mask: string; whole: string; label: string }) {
  const t = useText();
  const [shown, setShown] = useState(false);
  return (
    <span className="tabular">
      {shown ? whole : mask}
      <Button
        type="text"
        size="small"
        icon={shown ? <EyeInvisibleOutlined /> : <EyeOutlined />}
        aria-label={t(shown ? 'facts.hide' : 'facts.reveal', { name: label })}
        aria-pressed={shown}
        onClick={() => setShown(!shown)}
      />
    </span>
  );
}

/** 0.1225 as 12.25%, without binary digits. */
export function percent(rate: number): string {
  const [whole = '0', fraction = ''] = String(rate).split('.');
  if (/e/i.test(String(rate))) return String(rate);
  const digits = fraction.padEnd(2, '0');
  const shifted = `${whole}${digits.slice(0, 2)}`.replace(/^(-?)0+(?=\d)/, '$1');
  const rest = digits.slice(2);
  return `${shifted}${rest ? `.${rest}` : ''}%`;
}

/** The field of this name that offers this value: what a form asked for, kept as a part of something else. */
function fieldNamed(fields: readonly FormField[], name: string, value: unknown): FormField | undefined {
  const text = typeof value === 'string' ? value : '';
  return fields.find(({ path, options }) => options.has(text) && path.split('.').at(-1) === name);
}

/** The word for a code of the shipped processes and tables; null for any other value. */
function useCode(): (name: string, value: unknown) => string | null {
  const t = useText();
  return (name, value) => {
    const key = `code.${name}.${String(value)}`;
    return typeof value === 'string' && Object.hasOwn(zhStrings, key) ? t(key as keyof typeof zh) : null;
  };
}

/** The word for a variable of the shipped processes; others keep their names. */
export function useVariableLabel(): (name: string) => string {
  const t = useText();
  return (name) => {
    const key = `variable.${name}`;
    return Object.hasOwn(zhStrings, key) ? t(key as keyof typeof zh) : name;
  };
}
