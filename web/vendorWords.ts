/**
 * Words that a dependency has written into its code, without a way to translate them: while building, each becomes
 * a call of `word` (src/i18n/vendorWords.ts). A place that is not found fails the build, so a new version of the
 * dependency cannot bring untranslated words in unseen.
 */
import type { Plugin } from 'vite';

/** In which file, and what there: the code as it is written, and as it is to be. */
export interface VendorWords {
  file: RegExp;
  places: readonly (readonly [code: string, becomes: string])[];
}

const FORM_VIEWER: VendorWords = {
  file: /@bpmn-io\/form-js-viewer\/dist\/index\.es\.js/,
  places: [
    ...literals(
      `"aria-label": "Increment"`,
      `"aria-label": "Decrement"`,
      `placeholder: 'Search'`,
      `disabled || readonly ? undefined : 'Search'`,
      `valueLabel || 'Select'`,
      `label: "Skip to search"`,
      `title: "Remove tag"`,
      `children: "Nothing to show."`,
      `evaluatedColumns.length === 0 ? 'Nothing to show.'`,
      `"aria-label": "Previous page"`,
      `"aria-label": "Next page"`,
      `children: "Browse"`,
      `return 'No files selected'`,
      `return 'Click to remove sorting'`,
      `text: "No content to show."`,
      `text: "External content couldn't be loaded."`,
      `alt: "This is an image placeholder"`,
    ),
    ['`Click to sort by ${label} descending`', `__word('Click to sort by {{label}} descending', { label })`],
    ['`Click to sort by ${label} ascending`', `__word('Click to sort by {{label}} ascending', { label })`],
    ['`Expand all (${values.length - 1})`', `__word('Expand all ({{count}})', { count: values.length - 1 })`],
    ['`Remove list item ${itemIndex + 1}`', `__word('Remove list item {{number}}', { number: itemIndex + 1 })`],
    ['`Download ${fileName}`', `__word('Download {{fileName}}', { fileName })`],
    [`function getLocaleDateFormat(locale = 'default')`, `function getLocaleDateFormat(locale = __word('en-US'))`],
  ],
};

export const VENDORS: readonly VendorWords[] = [FORM_VIEWER];

/** Places whose last quoted text is the word. */
function literals(...codes: string[]): [string, string][] {
  return codes.map((code) => [code, code.replace(/(["'])((?:(?!\1).)*)\1$/, '__word($1$2$1)')]);
}

/** The words of the places, as they must be in the dictionary. */
export function wordsOf({ places }: VendorWords): string[] {
  return places.map(([, becomes]) => /__word\((["'])(.*?)\1/.exec(becomes)![2]!);
}

export function vendorWords(): Plugin {
  return {
    name: 'lendloom-vendor-words',
    enforce: 'pre',
    transform(code, id) {
      const vendor = VENDORS.find(({ file }) => file.test(id));
      if (!vendor) return null;
      let changed = code;
      for (const [place, becomes] of vendor.places) {
        if (!changed.includes(place)) this.error(`${id}: ${place} is no longer there; see vendorWords.ts`);
        changed = changed.replaceAll(place, becomes);
      }
      return { code: `import { word as __word } from '/src/i18n/vendorWords.ts';\n${changed}`, map: null };
    },
  };
}
