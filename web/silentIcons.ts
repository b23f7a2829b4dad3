/**
 * Icons of Ant Design are read out under their English file names. Here they are decoration, and silent, unless they
 * are given a label, or are those that stand alone in buttons of Ant Design itself (src/i18n/iconNames.ts).
 */
import type { Plugin } from 'vite';

const FILE = /@ant-design\/icons\/es\/components\/AntdIcon(Light)?\.js/;
const NAMED = /role: "img",\s*"aria-label": icon\.name/;
const BECOMES = '...(restProps["aria-label"] || __iconName(icon.name) ? { role: "img", "aria-label": __iconName(icon.name) } : { "aria-hidden": true })';

export function silentIcons(): Plugin {
  return {
    name: 'lendloom-silent-icons',
    enforce: 'pre',
    transform(code, id) {
      if (!FILE.test(id)) return null;
      if (!NAMED.test(code)) this.error(`${id}: the name that is read out is no longer there; see silentIcons.ts`);
      return { code: `import { iconName as __iconName } from '/src/i18n/iconNames.ts';\n${code.replace(NAMED, BECOMES)}`, map: null };
    },
  };
}
