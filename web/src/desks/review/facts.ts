/**
 * What a lender's case is about: the variables by which people know it. Only their names are agreed on (see
 * docs/processes.md); a process that has none of them simply shows fewer facts.
 */
import { quoteLongNumbers } from '../../api/exactJson';

/** The facts beside a task in a list. */
export interface Facts {
  applicant?: string;
  /** Decimal text or number; what was applied for, or approved where nothing else is said. */
  amount?: string | number;
  product?: string;
}

/** The names that lists ask for. */
export const FACT_NAMES = ['applicantName', 'customerName', 'amount', 'approvedAmount', 'loanProduct'];

/** A variable's value, from its JSON text, with all the digits of its numbers. */
export function valueOf(json: string): unknown {
  return JSON.parse(quoteLongNumbers(json));
}

/** The facts among variables by name. */
export function factsOf(variables: Readonly<Record<string, unknown>>): Facts {
  const { applicantName, customerName, amount, approvedAmount, loanProduct } = variables;
  const person = text(applicantName) ?? text(customerName);
  const sum = money(amount) ?? money(approvedAmount);
  const product = text(loanProduct);
  return {
    ...(person !== undefined && { applicant: person }),
    ...(sum !== undefined && { amount: sum }),
    ...(product !== undefined && { product }),
  };
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

function money(value: unknown): string | number | undefined {
  return typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) ? value : undefined;
}

/** Which part of a personal datum is shown until somebody asks for the whole; the same as in the server's lists. */
const MASKS: readonly { name: RegExp; keepFirst: number; keepLast: number }[] = [
  { name: /^(idNumber|.*IdNumber)$/, keepFirst: 3, keepLast: 4 },
  { name: /(mobile|phone)$/i, keepFirst: 3, keepLast: 4 },
  { name: /(bankCard|cardNumber|accountNumber)/i, keepFirst: 0, keepLast: 4 },
];

/** The masked text of a personal datum; null where the variable is none. */
export function masked(name: string, value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const mask = MASKS.find((each) => each.name.test(name));
  if (!mask) return null;
  const hidden = value.length - mask.keepFirst - mask.keepLast;
  if (hidden <= 0) return '*'.repeat(value.length);
  return value.slice(0, mask.keepFirst) + '*'.repeat(hidden) + value.slice(-mask.keepLast);
}

/** Whether a number is an amount of money, by its name. */
export const isAmount = (name: string) => /(^|[a-z])(amount|income|debt|principal|outstanding|balance|fee|payment|due)$/i.test(name);

/** Whether a number is a rate, such as 0.12 a year. */
export const isRate = (name: string) => /rate(simple|compound)?$/i.test(name);

/** Whether a text is the id of a group, by its name. */
export const isGroup = (name: string) => /(^group|Group|^transferTo)$/.test(name);
