/** A day to filter by: typed, or chosen in a calendar that speaks the language of the screen. */
import { DatePicker } from 'antd';
import enUS from 'antd/es/date-picker/locale/en_US';
import zhCN from 'antd/es/date-picker/locale/zh_CN';
import dayjs from 'dayjs';

import { currentLanguage } from '../../i18n/strings';
import { zone } from '../../ui/time';
import styles from './DayFilter.module.css';
import { isDay } from './instanceFilter';
import { Labelled } from './InstanceFilters';
import { useText } from './strings';

const DAY = 'YYYY-MM-DD';
/** The buttons of month and year are called what they show. */
const named = (locale: typeof zhCN) => ({ ...locale, lang: { ...locale.lang, monthSelect: '', yearSelect: '' } });
const LOCALES = { zh: named(zhCN), en: named(enUS) };

interface Props {
  label: string;
  /** `2026-11-22`, or nothing. */
  value: string;
  onChange: (day: string) => void;
  /** The days that make sense beside the other filter. */
  notBefore?: string;
  notAfter?: string;
}

export default function DayFilter({ label, value, onChange, notBefore = '', notAfter = '' }: Props) {
  const t = useText();
  // "Today" is today where the lender works.
  dayjs.tz.setDefault(zone());
  return (
    <Labelled label={label}>
      {(id) => (
        <DatePicker
          id={id}
          locale={LOCALES[currentLanguage()]}
          rootClassName={styles.field}
          classNames={{ popup: { root: styles.calendar! } }}
          style={{ width: 150 }}
          format={DAY}
          placeholder={t('filters.anyDay')}
          value={isDay(value) ? dayjs(value, DAY) : null}
          minDate={isDay(notBefore) ? dayjs(notBefore, DAY) : undefined}
          maxDate={isDay(notAfter) ? dayjs(notAfter, DAY) : undefined}
          onChange={(day) => onChange(day ? day.format(DAY) : '')}
        />
      )}
    </Labelled>
  );
}
