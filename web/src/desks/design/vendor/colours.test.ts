import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { withVariables } from '../../../../vendorColours';
import { SCOPE_COLOURS } from '../bpmn/scopeColours';

/** WCAG 2.2, relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

const contrast = (one: string, other: string) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
};

it('gives every colour of FEEL one for dark surfaces that can be read there', () => {
  const { colours } = withVariables(readFileSync('node_modules/@bpmn-io/cm-theme/dist/index.js', 'utf8'));
  expect(colours.length).toBeGreaterThan(5);
  const sheet = readFileSync('src/desks/design/editor.css', 'utf8');
  const dark = /\[data-theme='dark'\] :is\(\.bio-properties-panel[^{]*\{([^}]*)\}/g;
  const given = [...sheet.matchAll(dark)].map(([, rules]) => rules).join('');
  for (const colour of colours) {
    const becomes = new RegExp(`--feel-${colour}: (#[0-9a-f]{6});`).exec(given)?.[1];
    expect(contrast(becomes ?? '#18212a', '#18212a'), colour).toBeGreaterThanOrEqual(4.5);
  }
});

it('shows white words on the colours of simulated tokens', () => {
  expect(new Set(SCOPE_COLOURS).size).toBe(SCOPE_COLOURS.length);
  for (const colour of SCOPE_COLOURS) expect(contrast(colour, '#ffffff'), colour).toBeGreaterThanOrEqual(4.5);
});
