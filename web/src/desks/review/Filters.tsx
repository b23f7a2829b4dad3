/** What a box is filtered by: process, step, time limit, text. Kept in the address. */
import { FilterOutlined, SearchOutlined } from '@ant-design/icons';
import { Button, Input, Select } from 'antd';
import { useEffect, useMemo, useState } from 'react';

import { query } from '../../api/client';
import { useNarrow } from '../../ui/media';
import { useClearable } from '../../ui/useClearable';
import { DUE_CHOICES, isFiltered, NO_FILTERS, type Filters as Values } from './boxes';
import styles from './review.module.css';
import { useText } from './strings';

interface Props {
  values: Values;
  onChange: (changed: Partial<Values>) => void;
}

export function Filters({ values, onChange }: Props) {
  const clearable = useClearable();
  const t = useText();
  const narrow = useNarrow();
  const [open, setOpen] = useState(isFiltered({ ...values, q: '' }));
  const processes = useProcesses().data?.items ?? [];
  const process = processes.find(({ processDefinitionId }) => processDefinitionId === values.process);
  const elements = useUserTasks(process?.processDefinitionKey);
  const chooser = { allowClear: clearable, popupMatchSelectWidth: false, style: { minWidth: 120, maxWidth: 200 } } as const;
  return (
    <div className={styles.filters} role="search">
      <TextFilter label={t('filter.text')} value={values.q} onChange={(q) => onChange({ q })} />
      {narrow && (
        <Button icon={<FilterOutlined />} aria-expanded={open} onClick={() => setOpen(!open)} aria-label={t('filter.more')} />
      )}
      {(!narrow || open) && (
        <>
          <Select
            {...chooser}
            aria-label={t('filter.process')}
            placeholder={t('filter.process')}
            value={values.process || undefined}
            onChange={(chosen?: string) => onChange({ process: chosen ?? '', element: '' })}
            options={processes.map(({ processDefinitionId: value, name }) => ({ value, label: name ?? value }))}
          />
          {(elements.length > 0 || values.element) && (
            <Select
              {...chooser}
              aria-label={t('filter.element')}
              placeholder={t('filter.element')}
              value={values.element || undefined}
              onChange={(chosen?: string) => onChange({ element: chosen ?? '' })}
              options={elements}
            />
          )}
          <Select
            {...chooser}
            aria-label={t('filter.due')}
            placeholder={t('filter.due')}
            value={values.due || undefined}
            onChange={(chosen?: string) => onChange({ due: chosen ?? '' })}
            options={DUE_CHOICES.map((value) => ({ value, label: t(`filter.due.${value}`) }))}
          />
        </>
      )}
      {isFiltered(values) && (
        <Button type="link" style={{ paddingInline: 4 }} onClick={() => onChange(NO_FILTERS)}>
          {t('filter.clear')}
        </Button>
      )}
    </div>
  );
}

const TYPING_MS = 350;

/** A text that is searched for a moment after the last key. */
export function TextFilter({ label, value, onChange }: { label: string; value: string; onChange: (text: string) => void }) {
  const clearable = useClearable();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <Input
      type="search"
      aria-label={label}
      placeholder={label}
      prefix={<SearchOutlined aria-hidden />}
      allowClear={clearable}
      style={{ width: 270, maxWidth: 'calc(100% - 44px)' }}
      value={text}
      onChange={({ target }) => setText(target.value)}
      onPressEnter={() => onChange(text)}
    />
  );
}

/** The newest version of each process. */
export const useProcesses = () =>
  query.useQuery('post', '/v2/process-definitions/search', {
    body: { filter: { isLatestVersion: true }, sort: [{ field: 'name', order: 'ASC' }], page: { limit: 1000 } },
  });

/** The user tasks of a process, as its diagram names them. */
function useUserTasks(key: string | undefined): { value: string; label: string }[] {
  const { data: xml } = query.useQuery(
    'get',
    '/v2/process-definitions/{key}/xml',
    { params: { path: { key: key ?? '' } }, parseAs: 'text' },
    { enabled: key !== undefined, staleTime: Infinity },
  );
  return useMemo(() => (typeof xml === 'string' ? userTasksOf(xml) : []), [xml]);
}

/** The user tasks in a BPMN file. */
export function userTasksOf(xml: string): { value: string; label: string }[] {
  const document = new DOMParser().parseFromString(xml, 'application/xml');
  const tasks = document.getElementsByTagNameNS('http://www.omg.org/spec/BPMN/20100524/MODEL', 'userTask');
  return [...tasks].map((task) => {
    const value = task.getAttribute('id') ?? '';
    return { value, label: task.getAttribute('name') || value };
  });
}
