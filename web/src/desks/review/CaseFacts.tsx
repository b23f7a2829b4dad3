/** The facts of a case in the groups of its forms, then what the process has found out, then the rest. */
import { Input, Skeleton } from 'antd';
import { useState } from 'react';

import type { UserTask } from '../../api/schema';
import { EmptyState } from '../../ui/EmptyState';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { useClearable } from '../../ui/useClearable';
import type { FormField } from './formFields';
import styles from './review.module.css';
import { useText } from './strings';
import { useFields, useTaskVariables, type Variables } from './taskCase';
import { KnownFields, useVariableLabel, Value } from './Value';

export interface Fact {
  name: string;
  label: string;
  value: unknown;
  field?: FormField;
}

export interface FactGroup {
  /** A heading of a form, or one of ours. */
  title: string | { own: 'facts.results' | 'facts.other' };
  facts: Fact[];
}

/** Variables in groups; nothing is left out. */
export function grouped(variables: Variables, fields: readonly FormField[], labelOf: (name: string) => string): FactGroup[] {
  const groups = new Map<string, Fact[]>();
  const rest = new Map(Object.entries(variables));
  for (const field of fields) {
    if (!rest.has(field.path)) continue;
    const value = rest.get(field.path);
    rest.delete(field.path);
    const title = field.group ?? '';
    groups.set(title, [...(groups.get(title) ?? []), { name: field.path, label: field.label.replace(/[（(]元[)）]$/, ''), value, field }]);
  }
  const found: FactGroup[] = [...groups].map(([title, facts]) => ({ title: title || { own: 'facts.other' }, facts }));
  const others = [...rest].map(([name, value]) => ({ name, label: labelOf(name), value })).sort((one, other) => one.name.localeCompare(other.name));
  const results = others.filter(({ name, label }) => label !== name);
  const unnamed = others.filter(({ name, label }) => label === name);
  if (results.length > 0) found.push({ title: { own: 'facts.results' }, facts: results });
  if (unnamed.length > 0) found.push({ title: { own: 'facts.other' }, facts: unnamed });
  return found;
}

/** The facts whose label, name or value holds a text. */
export function matching(groups: readonly FactGroup[], text: string): FactGroup[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [...groups];
  const fits = ({ name, label, value }: Fact) => `${label} ${name} ${JSON.stringify(value)}`.toLowerCase().includes(wanted);
  return groups.map(({ title, facts }) => ({ title, facts: facts.filter(fits) })).filter(({ facts }) => facts.length > 0);
}

export function CaseFacts({ task }: { task: UserTask }) {
  const clearable = useClearable();
  const t = useText();
  const labelOf = useVariableLabel();
  const { fields, ...forms } = useFields(task);
  const found = useTaskVariables(task.userTaskKey);
  const [text, setText] = useState('');
  // What the forms call a variable comes with it: nobody reads codes for a moment.
  if (found.isPending || forms.isPending) return <Skeleton active />;
  if (found.isError && !found.data) return <ProblemNotice error={found.error} retry={() => void found.refetch()} />;
  const groups = grouped(found.data, fields, labelOf);
  if (groups.length === 0) return <EmptyState title={t('facts.none')} />;
  return (
    <KnownFields value={fields}>
      <div className={styles.stack}>
        {forms.error !== null && <ProblemNotice error={forms.error} title={t('facts.unnamed')} retry={forms.retry} />}
        <Input
          type="search"
          allowClear={clearable}
          aria-label={t('facts.filter')}
          placeholder={t('facts.filter')}
          style={{ maxWidth: 320 }}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        {matching(groups, text).map(({ title, facts }, index) => {
          const name = typeof title === 'string' ? title : t(title.own);
          return (
            <section key={index} aria-label={name} className={styles.panel}>
              <h2>{name}</h2>
              <dl className={styles.facts}>
                {facts.map((fact) => (
                  <div key={fact.name} className={isWide(fact.value) ? styles.wide : undefined}>
                    <dt title={fact.name}>{fact.label}</dt>
                    <dd>
                      <Value {...fact} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </KnownFields>
  );
}

const isWide = (value: unknown) => typeof value === 'object' && value !== null && Object.values(value).some((each) => typeof each === 'object' && each !== null);
