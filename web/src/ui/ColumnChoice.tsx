/** Which columns of a table are shown: people choose, the browser remembers. */
import { SettingOutlined } from '@ant-design/icons';
import { Button, Checkbox, Popover } from 'antd';
import { useMemo } from 'react';

import { useText } from '../i18n/shell';
import { usePreference } from '../shell/preferences';
import type { Column } from './DataTable';

/** The columns that are shown, in their order, and how to choose others (undefined: the default ones). */
export function useChosenColumns<Row>(
  id: string,
  columns: readonly Column<Row>[],
): [readonly Column<Row>[], (keys: string[] | undefined) => void] {
  const [keys, choose] = usePreference<string[] | null>(`columns.${id}`, null);
  const shown = useMemo(() => {
    const chosen = columns.filter(({ key, hidden }) => (keys ? keys.includes(key) : !hidden));
    return chosen.length > 0 ? chosen : columns.filter(({ hidden }) => !hidden);
  }, [columns, keys]);
  return [shown, choose];
}

interface Props<Row> {
  columns: readonly Column<Row>[];
  shown: readonly Column<Row>[];
  onChange: (keys: string[] | undefined) => void;
}

export function ColumnChoice<Row>({ columns, shown, onChange }: Props<Row>) {
  const t = useText();
  const keys = shown.map(({ key }) => key);
  const choice = (
    <div style={{ display: 'flex', flexDirection: 'column', gap: 8 }}>
      <Checkbox.Group
        value={keys}
        style={{ flexDirection: 'column', gap: 4 }}
        options={columns.map(({ key, title }) => ({ value: key, label: title, disabled: keys.length === 1 && keys[0] === key }))}
        onChange={(chosen) => onChange(chosen)}
      />
      <Button size="small" onClick={() => onChange(undefined)}>
        {t('table.columnsReset')}
      </Button>
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" title={t('table.columns')} content={choice}>
      <Button type="text" icon={<SettingOutlined />} aria-label={t('table.columns')} />
    </Popover>
  );
}
