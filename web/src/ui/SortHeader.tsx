/** The head of a column; a button where the list can be sorted by it. */
import { CaretDownOutlined, CaretUpOutlined } from '@ant-design/icons';

import { useText } from '../i18n/shell';
import styles from './DataTable.module.css';
import type { Sort } from './useRows';

interface Props {
  title: string;
  field: string | undefined;
  align: 'start' | 'end' | undefined;
  sort: Sort;
  onSort: (sort: Sort) => void;
}

export function SortHeader({ title, field, align = 'start', sort, onSort }: Props) {
  const t = useText();
  if (field === undefined) {
    return (
      <th scope="col" style={{ textAlign: align }}>
        {title}
      </th>
    );
  }
  const order = sort.field === field ? sort.order : undefined;
  const next = order === 'ASC' ? 'DESC' : 'ASC';
  return (
    <th
      scope="col"
      style={{ textAlign: align }}
      aria-sort={order === undefined ? undefined : order === 'ASC' ? 'ascending' : 'descending'}
    >
      <button
        type="button"
        className={styles.sort}
        title={t(next === 'ASC' ? 'table.sortAscending' : 'table.sortDescending', { column: title })}
        onClick={() => onSort({ field, order: next })}
      >
        {title}
        {order === 'ASC' && <CaretUpOutlined aria-hidden />}
        {order === 'DESC' && <CaretDownOutlined aria-hidden />}
      </button>
    </th>
  );
}
