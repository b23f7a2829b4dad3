/** An amount of money, exact as the server has it, with thousands separators; in Chinese its capitals on request. */
import { currentLanguage } from '../i18n/strings';
import { grouped, inCapitals } from './amount';

interface Props {
  /** Decimal text, or a number of the API. */
  value: string | number | null | undefined;
  currency?: string;
  /** Show the Chinese capitals too; otherwise they are the title. */
  capitals?: boolean;
}

const SYMBOLS: Readonly<Record<string, string>> = { CNY: '¥', USD: '$', EUR: '€', HKD: 'HK$' };

export function Money({ value, currency = 'CNY', capitals = false }: Props) {
  const text = value === null || value === undefined ? null : grouped(value);
  if (text === null) return <span>{value ?? '—'}</span>;
  const inWords = currency === 'CNY' && currentLanguage() === 'zh' ? inCapitals(value!) : null;
  return (
    <span className="tabular" {...(inWords !== null && !capitals && { title: inWords })}>
      {SYMBOLS[currency] ?? `${currency} `}
      {text}
      {capitals && inWords !== null && <span className="secondary">（{inWords}）</span>}
    </span>
  );
}
