/** Values of variables, which the API gives as JSON text, in words and in full. */

export interface ShownValue {
  /** One line, for tables. */
  brief: string;
  /** All of it, indented; equal to `brief` where that says everything. */
  full: string;
  kind: 'text' | 'number' | 'flag' | 'null' | 'structure' | 'unreadable';
}

const LONGEST = 120;

/** How a JSON text is shown. Numbers keep the digits that they came with. */
export function shownValue(json: string): ShownValue {
  const text = json.trim();
  if (/^-?\d/.test(text)) return { brief: text, full: text, kind: 'number' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { brief: shortened(text), full: text, kind: 'unreadable' };
  }
  if (value === null) return { brief: 'null', full: 'null', kind: 'null' };
  if (typeof value === 'boolean') return { brief: text, full: text, kind: 'flag' };
  if (typeof value === 'string') return { brief: shortened(value), full: value, kind: 'text' };
  return { brief: shortened(spaced(text)), full: indented(text), kind: 'structure' };
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

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
