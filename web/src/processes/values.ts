/** Values of variables, which the API gives as JSON text, in words and in full. */

export interface ShownValue {
  /** One line, for tables. */
  brief: string;
  /** All of it, indented JSON; equal to `brief` where that says everything. */
  full: string;
  /** All of it as people read it; null where it has parts that have parts themselves. */
  plain: string | null;
  kind: 'text' | 'number' | 'flag' | 'null' | 'structure' | 'unreadable';
}

const LONGEST = 120;

/** How a JSON text is shown. Numbers keep the digits that they came with. */
export function shownValue(json: string): ShownValue {
  const text = json.trim();
  const same = (all: string) => ({ brief: all, full: all, plain: all });
  if (/^-?\d/.test(text)) return { ...same(text), kind: 'number' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { brief: shortened(text), full: text, plain: text, kind: 'unreadable' };
  }
  if (value === null) return { ...same('null'), kind: 'null' };
  if (typeof value === 'boolean') return { ...same(text), kind: 'flag' };
  if (typeof value === 'string') return { brief: shortened(value), full: value, plain: value, kind: 'text' };
  const plain = plainOf(text);
  return { brief: shortened(plain ?? spaced(text)), full: indented(text), plain, kind: 'structure' };
}

/** `grade: A · amount: 20000.00` and `id-card, bank-card` for what has no deeper parts; null for all else. */
function plainOf(json: string): string | null {
  const tokens = json.match(TOKEN) ?? [];
  const inner = tokens.slice(1, -1);
  if (inner.length === 0 || inner.some((token) => /^[{}[\]]$/.test(token))) return null;
  const between = tokens[0] === '[' ? ', ' : ' · ';
  return inner.map((token) => (token === ',' ? between : token === ':' ? ': ' : token.startsWith('"') ? (JSON.parse(token) as string) : token)).join('');
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** The parts of a JSON text. */
export const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

const spaced = (json: string) => (json.match(TOKEN) ?? []).map((token) => (token === ',' ? ', ' : token === ':' ? ': ' : token)).join('');

/** JSON on lines, without making its numbers into binary ones. */
export function indented(json: string): string {
  let depth = 0;
  let text = '';
  const tokens = json.match(TOKEN) ?? [];
  tokens.forEach((token, at) => {
    if (token === '{' || token === '[') {
      const isEmpty = tokens[at + 1] === '}' || tokens[at + 1] === ']';
      depth += 1;
      text += isEmpty ? token : `${token}\n${'  '.repeat(depth)}`;
    } else if (token === '}' || token === ']') {
      depth -= 1;
      const wasEmpty = tokens[at - 1] === '{' || tokens[at - 1] === '[';
      text += wasEmpty ? token : `\n${'  '.repeat(depth)}${token}`;
    } else if (token === ',') text += `,\n${'  '.repeat(depth)}`;
    else text += token === ':' ? ': ' : token;
  });
  return text;
}
