/** A box of tasks: what waits for me, what could, what I have done. */
import { App, Button } from 'antd';
import { useCallback, useMemo, useRef, useState } from 'react';
import { Link, useNavigate } from 'react-router';

import { useMay, useMe } from '../../api/me';
import { chosenRows } from '../../ui/chosenRows';
import { DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { useShortcutHelp } from '../../shell/shortcutHelp';
import { useGroupNames } from '../../ui/names';
import { PageFrame } from '../../ui/PageFrame';
import { useShortcuts } from '../../ui/shortcuts';
import { inZone } from '../../ui/time';
import { useUrlState } from '../../ui/urlState';
import { Boxes } from './Boxes';
import { defaultSort, isFiltered, isIn, NO_FILTERS, searchOfPage, type Box } from './boxes';
import { BulkClaim } from './BulkClaim';
import { TaskCard, useColumns } from './columns';
import { Filters } from './Filters';
import styles from './review.module.css';
import { useText } from './strings';
import { readTasks, searchTasks, type ListedTask } from './tasks';
import { useClaim } from './useClaim';
import { useNews } from './useNews';

const keyOf = ({ userTaskKey }: ListedTask) => userTaskKey;
const NOTHING: ReadonlyMap<string, ListedTask> = new Map();

export function BoxPage({ box }: { box: Box }) {
  const t = useText();
  const me = useMe().username;
  const mayClaim = useMay()('user-task:claim') && box === 'claimable';
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [filters, setFilters] = useUrlState(NO_FILTERS);
  const columns = useColumns(box);
  const shown = useRef<ListedTask | undefined>(undefined);
  const keepActive = useCallback((task: ListedTask | undefined) => {
    shown.current = task;
  }, []);
  const [selected, setSelected] = useState(NOTHING);
  const [asking, setAsking] = useState(false);
  const claim = useClaim();
  const queryKey = useMemo(() => ['review', 'rows', box, filters], [box, filters]);
  const searched = () => searchOfPage(box, filters, { now: new Date(), endOfToday: inZone(new Date()).endOf('day').toDate() });
  const shows = (keys: readonly string[]) => readTasks(keys, searched());
  const news = useNews({ queryKey, box, me, shows });

  const claimRow = (task: ListedTask | undefined) => {
    if (!task || !isIn('claimable', task, me)) return;
    claim.mutate(task, {
      onSuccess: () =>
        void message.success(
          <>
            {t('claim.done', { name: task.name ?? task.elementId })}{' '}
            <Button type="link" size="small" onClick={() => (message.destroy(), void navigate(`/review/tasks/${task.userTaskKey}`))}>
              {t('claim.open')}
            </Button>
          </>,
        ),
    });
  };
  useShortcuts({ c: () => (selected.size > 0 ? setAsking(true) : claimRow(shown.current)) }, mayClaim);

  useShortcutHelp({ title: t('keys.title'), keys: mayClaim ? [['c', t('keys.claim')]] : [] });

  return (
    <PageFrame title={t(`box.${box}`)} fill below={<Boxes current={box} />}>
      {news.count > 0 && (
        <div className={styles.news} role="status">
          {t('news.arrived', { count: news.count })}
          <Button type="link" size="small" onClick={news.show}>
            {t('news.show')}
          </Button>
        </div>
      )}
      <DataTable<ListedTask>
        id={`review.${box}`}
        label={t(`box.${box}`)}
        columns={columns}
        rowKey={keyOf}
        queryKey={queryKey}
        search={(request) => searchTasks(searched(), request)}
        defaultSort={defaultSort(box)}
        to={({ userTaskKey }) => `/review/tasks/${userTaskKey}?from=${box}`}
        onActive={keepActive}
        {...(mayClaim && {
          selection: { keys: new Set(selected.keys()), onChange: (keys, tasks) => setSelected(chosenRows(keys, tasks, keyOf, selected)) },
        })}
        toolbar={
          <>
            <Filters values={filters} onChange={setFilters} />
            {selected.size > 0 && (
              <Button type="primary" onClick={() => setAsking(true)}>
                {t('claim.selected', { count: selected.size })}
              </Button>
            )}
          </>
        }
        empty={<Nothing box={box} />}
        onClearFilters={isFiltered(filters) ? () => setFilters(NO_FILTERS) : undefined}
        card={(task) => (
          <Link className={styles.card} to={`/review/tasks/${task.userTaskKey}?from=${box}`}>
            <TaskCard task={task} box={box} />
          </Link>
        )}
        cardHeight={92}
      />
      <BulkClaim
        tasks={[...selected.values()]}
        open={asking}
        onClose={(done) => {
          setAsking(false);
          if (done) setSelected(NOTHING);
        }}
      />
    </PageFrame>
  );
}

/** An empty box says what would be in it, and where to look instead. */
function Nothing({ box }: { box: Box }) {
  const t = useText();
  const { groups } = useMe();
  const groupOf = useGroupNames(groups);
  if (box === 'claimable') {
    const hint = groups.length > 0 ? t('empty.claimableWhy', { groups: groups.map(groupOf).join(', ') }) : t('empty.noGroup');
    return <EmptyState title={t('empty.claimable')} hint={hint} />;
  }
  if (box === 'done') return <EmptyState title={t('empty.done')} hint={t('empty.doneWhy')} />;
  return (
    <EmptyState
      title={t('empty.todo')}
      hint={t('empty.todoWhy')}
      action={
        <Link to="/review/claimable">
          <Button>{t('empty.todoAction')}</Button>
        </Link>
      }
    />
  );
}
