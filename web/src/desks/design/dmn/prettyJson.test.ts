import { expect, it } from 'vitest';

import { prettyJson } from './prettyJson';

it.each([
  ['null', 'null'],
  ['0.0720', '0.0720'],
  ['"A"', '"A"'],
  ['12345678901234567890.10', '12345678901234567890.10'],
  ['{"1":-1.50,"rate":1E+2,"note":"\\"#0\\" 7","days":[30,"60"]}', '{\n  "1": -1.50,\n  "rate": 1E+2,\n  "note": "\\"#0\\" 7",\n  "days": [\n    30,\n    "60"\n  ]\n}'],
  ['{"__proto__":1,"":2}', '{\n  "__proto__": 1,\n  "": 2\n}'],
])('breaks %s into lines and keeps its digits', (json, shown) => expect(prettyJson(json)).toBe(shown));
