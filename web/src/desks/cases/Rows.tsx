/** The rows of a tab: while they come, when they do not, when there are none. */
import type { UseQueryResult } from '@tanstack/react-query';
import { Alert, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

import type { Case } from '../../api/schema';
import { useText as useProcessText } from '../../processes/strings';
import { caseAddress } from '../../shell/addresses';
import { EmptyState } from '../../ui/EmptyState';
import { ProblemNotice } from '../../ui/ProblemNotice';
import styles from './CasePage.module.css';
import { useText } from './strings';
import { isListed, type CaseView } from './view';

interface Answer<Row> {
  items: Row[];
  page?: { totalItems: number };
}

interface Props<Row> {
  found: Pick<UseQueryResult<Answer<Row>>, 'data' | 'error' | 'isError' | 'refetch'>;
  /** Which of the rows are listed, such as those of an element. */
  only?: ((row: Row) => boolean) | undefined;
  empty: string;
  hint?: string;
  children: (rows: Row[]) => ReactNode;
}

export function Rows<Row>({ found, only, empty, hint, children }: Props<Row>) {
  const t = useText();
  const processText = useProcessText();
  if (found.isError) return <ProblemNotice error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton active paragraph={{ rows: 4 }} title={false} />;
  const { items, page } = found.data;
  const rows = only ? items.filter(only) : items;
  return (
    <>
      {page && page.totalItems > items.length && (
        <Alert type="info" showIcon title={processText('list.capped', { count: items.length, total: page.totalItems })} />
      )}
      {rows.length === 0 ? <EmptyState title={items.length > 0 ? t('rows.notHere') : empty} hint={items.length > 0 ? undefined : hint} /> : children(rows)}
    </>
  );
}

interface CaseRowsProps<Row> {
  view: CaseView;
  pick: (whole: Case) => readonly Row[];
  empty: string;
  hint?: string;
  children: (rows: Row[]) => ReactNode;
}

/** Rows of the case: of all its instances or of the one that is shown, or of one element of it. */
export function CaseRows<Row extends { processInstanceKey?: string | null; elementId?: string | null }>(props: CaseRowsProps<Row>) {
  const { view, pick, empty, hint, children } = props;
  const { data, error, isError, refetch } = view.whole;
  const found = { data: data && { items: [...pick(data)] }, error, isError, refetch };
  return (
    <Rows<Row> found={found as never} only={(row) => isListed(row, view)} empty={empty} {...(hint !== undefined && { hint })}>
      {children}
    </Rows>
  );
}

interface PlaceProps {
  view: CaseView;
  id: string;
  /** Whose element it is; the shown instance's where not given. */
  instanceKey?: string | null | undefined;
  /** How it is called, where that is known. */
  name?: string | null | undefined;
}

/** An element as the way to its place on the diagram: of this instance, or of another one of the case. */
export function Place({ view, id, instanceKey, name }: PlaceProps) {
  const t = useText();
  const { instance, nameOf, onElement, whole } = view;
  if (instanceKey && instanceKey !== instance.processInstanceKey) {
    const known = name ?? whole.data?.elements.find((each) => each.processInstanceKey === instanceKey && each.elementId === id)?.elementName;
    const process = whole.data?.instances.find(({ processInstanceKey }) => processInstanceKey === instanceKey);
    return (
      <>
        <Link className={styles.elsewhere} to={`${caseAddress(instanceKey)}?element=${encodeURIComponent(id)}`}>{known || id}</Link>
        {process && <span className="secondary small"> · {process.processDefinitionName || process.processDefinitionId}</span>}
      </>
    );
  }
  return (
    <button type="button" className={styles.link} title={t('element.show')} onClick={() => onElement(id)}>
      {name || nameOf(id)}
    </button>
  );
}
