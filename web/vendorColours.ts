/**
 * The colours of FEEL that its editor has written into its code: while building, each becomes a variable, so that a
 * style sheet can give it another on a dark surface (src/desks/design/editor.css). A new version of the dependency in
 * which they stand elsewhere fails the build.
 */
import type { Plugin } from 'vite';

const FILE = /@bpmn-io\/cm-theme\/dist\/index\.js/;
const LIGHT = /const feelLight = createTheme\(\{[\s\S]*?\n\}\);/;
const COLOUR = /(color|foreground): '#([0-9a-f]{6})'/g;

/** `color: '#a31515'` as `color: 'var(--feel-a31515, #a31515)'`. */
export function withVariables(code: string): { code: string; colours: string[] } {
  const colours = new Set<string>();
  const changed = code.replace(LIGHT, (theme) =>
    theme.replace(COLOUR, (_, property: string, hex: string) => {
      colours.add(hex);
      return `${property}: 'var(--feel-${hex}, #${hex})'`;
    }),
  );
  return { code: changed, colours: [...colours].sort() };
}

export function vendorColours(): Plugin {
  return {
    name: 'lendloom-vendor-colours',
    enforce: 'pre',
    transform(code, id) {
      if (!FILE.test(id)) return null;
      const changed = withVariables(code);
      if (changed.colours.length === 0) this.error(`${id}: the colours of FEEL are no longer there; see vendorColours.ts`);
      return { code: changed.code, map: null };
    },
  };
}
