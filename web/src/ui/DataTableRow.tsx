/** One row of a {@link DataTable}. */
import { Checkbox } from 'antd';
import { memo, type MouseEvent } from 'react';
import { Link, useNavigate } from 'react-router';

import { useText } from '../i18n/shell';
import type { Column } from './DataTable';
import styles from './DataTable.module.css';

interface Props<Row> {
  row: Row;
  index: number;
  columns: readonly Column<Row>[];
  to: ((row: Row) => string) | undefined;
  isActive: boolean;
  isCurrent: boolean;
  isSelected: boolean | undefined;
  /** These two stay the same functions while the list is scrolled: only rows that come into sight are drawn. */
  onSelect: ((row: Row) => void) | undefined;
  onActivate: (index: number) => void;
}

function Row<Data>({ row, index, columns, to, isActive, isCurrent, isSelected, onSelect, onActivate }: Props<Data>) {
  const t = useText();
  const navigate = useNavigate();
  const open = (event: MouseEvent) => {
    onActivate(index);
    const isOwn = event.target instanceof HTMLElement && event.target.closest('a, button, input, label') !== null;
    if (to && !isOwn && window.getSelection()?.isCollapsed !== false) void navigate(to(row));
  };
  const classes = [isActive && styles.active, isCurrent && styles.current, isSelected && styles.selected, to && styles.opens];
  return (
    <tr
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      aria-current={isCurrent || undefined}
      data-active={isActive || undefined}
      className={classes.filter(Boolean).join(' ')}
      onClick={open}
    >
      {onSelect && (
        <td className={styles.select}>
          <Checkbox aria-label={t('table.select')} checked={!!isSelected} onChange={() => onSelect(row)} />
        </td>
      )}
      {columns.map((column, at) => (
        <td key={column.key} style={{ textAlign: column.align ?? 'start' }}>
          {at === 0 && to ? <Link to={to(row)}>{column.render(row)}</Link> : column.render(row)}
        </td>
      ))}
    </tr>
  );
}

export const TableRow = memo(Row) as typeof Row;
