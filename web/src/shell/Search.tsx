/** Finds cases by business key or applicant, open tasks, and what designers draw, from every page. */
import { SearchOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { useNavigate } from 'react-router';

import { may, useMe } from '../api/me';
import { useText } from '../i18n/shell';
import { Person } from '../ui/Person';
import { ProblemNotice } from '../ui/ProblemNotice';
import { useShortcuts } from '../ui/shortcuts';
import styles from './Search.module.css';
import type { Hit } from './searches';

const searches = () => import('./searches');

export function Search() {
  const t = useText();
  const me = useMe();
  const navigate = useNavigate();
  const list = useId();
  const box = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const [hurried, setHurried] = useState(false);
  const wanted = useSettled(text.trim(), 200);
  const enabled = open && wanted !== '';
  const search = useQuery({
    queryKey: ['get', '/v2/search', { wanted }],
    queryFn: async ({ signal }) => (await searches()).find(wanted, me, signal),
    enabled,
    placeholderData: keepPreviousData,
  });
  useShortcuts({ '/': () => box.current?.focus() });
  // Not needed for the first sight of a page, but before anybody has typed; where it fails, the search tries again.
  useEffect(() => void searches().catch(() => undefined), []);

  const groups = [
    { title: t('search.cases'), hits: search.data?.cases ?? [] },
    { title: t('search.tasks'), hits: search.data?.tasks ?? [] },
    { title: t('search.definitions'), hits: search.data?.definitions ?? [] },
  ].filter(({ hits }) => hits.length > 0);
  const hits = groups.flatMap((group) => group.hits);
  const isSearching = search.isPlaceholderData || search.isFetching || wanted !== text.trim();

  const go = (hit: Hit | undefined) => {
    if (!hit) return;
    setOpen(false);
    setText('');
    setHurried(false);
    box.current?.blur();
    void navigate(hit.to);
  };
  // Enter before the answer: go to the first of what will be found.
  useEffect(() => {
    if (hurried && !isSearching) go(hits[0]);
  });
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setAt((at + 1) % Math.max(1, hits.length));
    else if (event.key === 'ArrowUp') setAt((at - 1 + hits.length) % Math.max(1, hits.length));
    else if (event.key === 'Enter' && isSearching) setHurried(true);
    else if (event.key === 'Enter') go(hits[at]);
    else if (event.key === 'Escape') setOpen(false);
    else return;
    event.preventDefault();
  };
  return (
    <search className={styles.search}>
      <SearchOutlined className={styles.icon} aria-hidden />
      <input
        ref={box}
        type="search"
        role="combobox"
        aria-autocomplete="list"
        aria-label={t('search.label')}
        aria-controls={hits.length > 0 ? list : undefined}
        aria-expanded={enabled && hits.length > 0}
        aria-activedescendant={enabled && hits[at] ? `${list}-${at}` : undefined}
        placeholder={t(may(me, 'process-instance:read') ? 'search.placeholder' : 'search.definitions')}
        title={`${t('search.label')} ( / )`}
        autoComplete="off"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setOpen(true);
          setAt(0);
          setHurried(false);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => (setOpen(false), setHurried(false))}
        onKeyDown={press}
      />
      {enabled && (
        <div className={styles.hits}>
          {hits.length > 0 && (
            <div role="listbox" id={list} aria-label={t('search.label')}>
              {groups.map((group) => (
                <div key={group.title} role="group" aria-label={group.title}>
                  <div className={styles.group}>{group.title}</div>
                  {group.hits.map((hit) => {
                    const index = hits.indexOf(hit);
                    return (
                      <a
                        key={hit.to}
                        id={`${list}-${index}`}
                        role="option"
                        aria-selected={index === at}
                        tabIndex={-1}
                        href={hit.to}
                        className={index === at ? styles.current : undefined}
                        // The field keeps the focus, so that the list is still there when the click arrives.
                        onMouseDown={(event) => event.preventDefault()}
                        onClick={(event) => {
                          if (event.ctrlKey || event.metaKey) return;
                          event.preventDefault();
                          go(hit);
                        }}
                      >
                        <span>{hit.title}</span>
                        <span className="secondary small">
                          {hit.remark}
                          {hit.person && (
                            <>
                              {hit.remark && ' · '}
                              <Person username={hit.person} />
                            </>
                          )}
                        </span>
                      </a>
                    );
                  })}
                </div>
              ))}
            </div>
          )}
          {search.isError && <ProblemNotice error={search.error} retry={() => void search.refetch()} />}
          {hits.length === 0 && !search.isError && (
            <p className="secondary" role="status">
              {isSearching ? t('app.loading') : t('search.none', { text: wanted })}
            </p>
          )}
        </div>
      )}
    </search>
  );
}

/** A value once it has not changed for a while. */
function useSettled<Value>(value: Value, milliseconds: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
