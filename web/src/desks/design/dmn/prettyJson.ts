const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON text with line breaks; its numbers stay as the server wrote them. */
export function prettyJson(json: string): string {
  const numbers: string[] = [];
  const marked = json.replace(TOKEN, (token) => (token.startsWith('"') ? `"=${token.slice(1)}` : `"#${numbers.push(token) - 1}"`));
  return JSON.stringify(JSON.parse(marked), null, 2).replace(/"#(\d+)"|"=((?:[^"\\]|\\.)*")/g, (_, index: string | undefined, rest: string) => (index === undefined ? `"${rest}` : numbers[Number(index)]!));
}
