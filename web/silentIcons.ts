/**
 * Icons of Ant Design are read out under their English file names. Here one that is given a label is an image of that
 * name; all others are decoration, and silent.
 */
import type { Plugin } from 'vite';

const FILE = /@ant-design\/icons\/es\/components\/AntdIcon(Light)?\.js/;
const NAMED = /role: "img",\s*"aria-label": icon\.name/;

export function silentIcons(): Plugin {
  return {
    name: 'lendloom-silent-icons',
    enforce: 'pre',
    transform(code, id) {
      if (!FILE.test(id)) return null;
      if (!NAMED.test(code)) this.error(`${id}: the name that is read out is no longer there; see silentIcons.ts`);
      return { code: code.replace(NAMED, '...(restProps["aria-label"] ? { role: "img" } : { "aria-hidden": true })'), map: null };
    },
  };
}
