/** The filters above the list of instances; the first ones always, the others on request. */
import { FilterOutlined } from '@ant-design/icons';
import { Badge, Button, Input, Select } from 'antd';
import { lazy, Suspense, useEffect, useId, useState, type ReactNode } from 'react';

import { processName, useDefinitions } from '../../processes/definitions';
import { useProcessFile } from '../../processes/names';
import { useStateWord } from '../../processes/States';
import { NO_FILTER, type InstanceQuestion } from './instanceFilter';
import styles from './InstanceFilters.module.css';
import { useText } from './strings';
import { useClearable } from '../../ui/useClearable';

interface Props {
  asked: InstanceQuestion;
  ask: (changed: Partial<InstanceQuestion>) => void;
}

/** The calendar is large, and few ask for it. */
const DayFilter = lazy(() => import('./DayFilter'));

const STATES = ['ACTIVE', 'INCIDENT', 'SUSPENDED', 'COMPLETED', 'TERMINATED'] as const;
const FURTHER = ['version', 'element', 'error', 'from', 'to', 'level', 'key', 'batch'] as const;

export function InstanceFilters({ asked, ask }: Props) {
  const t = useText();
  const word = useStateWord();
  const { byProcess } = useDefinitions();
  const further = FURTHER.filter((name) => asked[name] !== '').length;
  const [open, setOpen] = useState(further > 0);
  const versions = byProcess.get(asked.process) ?? [];
  const isFiltered = JSON.stringify(asked) !== JSON.stringify(NO_FILTER);
  return (
    <div className={styles.filters} role="search" aria-label={t('filters.label')}>
      <TextFilter label={t('instances.businessId')} value={asked.businessId} onChange={(businessId) => ask({ businessId })} />
      <Choice label={t('instances.state')} value={asked.state} onChange={(state) => ask({ state })}>
        {STATES.map((state) => ({ value: state, label: word(state) }))}
      </Choice>
      <Choice label={t('instances.process')} value={asked.process} width={200} onChange={(process) => ask({ process, version: '', element: '' })}>
        {[...byProcess].map(([id, [latest]]) => ({ value: id, label: processName(latest!) }))}
      </Choice>
      {open && (
        <>
          <Choice label={t('instances.version')} value={asked.version} width={100} onChange={(version) => ask({ version })}>
            {versions.map(({ version }) => ({ value: String(version), label: `v${version}` }))}
          </Choice>
          <ElementFilter
            processKey={(versions.find(({ version }) => String(version) === asked.version) ?? versions[0])?.processDefinitionKey}
            value={asked.element}
            onChange={(element) => ask({ element })}
          />
          <TextFilter label={t('filters.error')} value={asked.error} onChange={(error) => ask({ error })} />
          <Suspense fallback={<Input disabled style={{ width: 312 }} />}>
            <DayFilter label={t('filters.from')} value={asked.from} notAfter={asked.to} onChange={(from) => ask({ from })} />
            <DayFilter label={t('filters.to')} value={asked.to} notBefore={asked.from} onChange={(to) => ask({ to })} />
          </Suspense>
          <Choice label={t('instances.level')} value={asked.level} width={120} onChange={(level) => ask({ level })}>
            {[{ value: 'root', label: t('filters.onlyRoots') }]}
          </Choice>
          <TextFilter label={t('instances.key')} value={asked.key} digits onChange={(key) => ask({ key })} />
          <TextFilter label={t('filters.batch')} value={asked.batch} digits onChange={(batch) => ask({ batch })} />
        </>
      )}
      <span className={styles.buttons}>
        <Badge count={open ? 0 : further} size="small">
          <Button icon={<FilterOutlined />} aria-expanded={open} onClick={() => setOpen(!open)}>
            {t(open ? 'filters.fewer' : 'filters.more')}
          </Button>
        </Badge>
        {isFiltered && (
          <Button type="link" onClick={() => ask(NO_FILTER)}>
            {t('filters.clear')}
          </Button>
        )}
      </span>
    </div>
  );
}

interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

export function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <span className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </span>
  );
}

export function Choice({ label, value, onChange, width = 140, children }: FieldProps & { width?: number; children: { value: string; label: string }[] }) {
  const clearable = useClearable();
  const t = useText();
  return (
    <Labelled label={label}>
      {(id) => (
        <Select
          id={id}
          style={{ width }}
          value={value || undefined}
          placeholder={t('filters.any')}
          allowClear={clearable}
          showSearch={{ optionFilterProp: 'label' }}
          options={children}
          onChange={(chosen?: string) => onChange(chosen ?? '')}
        />
      )}
    </Labelled>
  );
}

/** Asked for when somebody has stopped typing. */
export function TextFilter({ label, value, onChange, digits = false }: FieldProps & { digits?: boolean }) {
  const clearable = useClearable();
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return;
    const settled = setTimeout(() => onChange(typed), 350);
    return () => clearTimeout(settled);
  }, [typed, value, onChange]);
  const read = (text: string) => (digits ? text.replace(/\D/g, '') : text);
  return (
    <Labelled label={label}>
      {(id) => (
        <Input
          id={id}
          allowClear={clearable}
          style={{ width: 150 }}
          value={typed}
          onChange={({ target }) => setTyped(read(target.value))}
          onPressEnter={() => onChange(typed.trim())}
        />
      )}
    </Labelled>
  );
}

function ElementFilter({ processKey, value, onChange }: Omit<FieldProps, 'label'> & { processKey: string | undefined }) {
  const t = useText();
  const { elements } = useProcessFile(processKey);
  const options = [...elements.values()]
    .filter(({ kind }) => /(task|event|activity|process)$/i.test(kind) && kind !== 'process')
    .map(({ id, name }) => ({ value: id, label: name || id }));
  if (processKey === undefined) return <TextFilter label={t('filters.element')} value={value} onChange={onChange} />;
  return (
    <Choice label={t('filters.element')} value={value} width={180} onChange={onChange}>
      {options}
    </Choice>
  );
}
