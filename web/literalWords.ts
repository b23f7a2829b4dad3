/**
 * Words that the editors have written into their code, without a way to translate them: while building, each becomes
 * a call of `word` (src/desks/design/vendor/literalWords.ts).
 *
 * A text is a word where it stands as a label, a title, an answer of a validation and the like (`BEFORE`), and the
 * dictionary has it. Where a word is put together, `places` say how; one that is not found fails the build, so a new
 * version of an editor cannot bring untranslated words in unseen.
 */
import type { Plugin } from 'vite';

export interface Editor {
  file: RegExp;
  /** Texts are words in the places that `BEFORE` describes; else only in `places`. */
  scan?: RegExp;
  places?: readonly (readonly [code: string, becomes: string])[];
}

const NAMES = 'label|title|tooltip|description|placeholder|children|text|name|closeButtonTooltip|placeholderContent|"aria-label"|\'text\'';
/** What stands before a word, in the form editor. */
export const BEFORE = new RegExp(
  String.raw`(?<before>(?:\b|(?<=["']))(?:${NAMES})(?:: ?\[?| = )|\breturn |\? |[^\s?:] : |: \[?(?=["'][A-Z<])|\}\), |[^=]= (?=["'][A-Z]))` +
    String.raw`(?<quoted>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')`,
  'g',
);
/** What stands before the name of a component, or the label that a new one has, in the form viewer. */
const COMPONENT = /(?<before>\n  name: |\n +label: |_PATH, |\]: )(?<quoted>'[A-Za-z][^'\n]*')/g;

const FORM_EDITOR = /@bpmn-io\/form-js-editor\/dist\/index\.es\.js/;
const FORM_VIEWER = /@bpmn-io\/form-js-viewer\/dist\/index\.es\.js/;
const SIMULATION = (file: string) => new RegExp(String.raw`bpmn-js-token-simulation/lib/${file.replace('.', String.raw`\.`)}`);

export const EDITORS: readonly Editor[] = [
  {
    file: FORM_EDITOR,
    scan: BEFORE,
    places: [
      ['function translateFallback(template, replacements) {', 'function translateFallback(template, replacements) {\n  template = __text(template);'],
      ['`Create ${getIndefiniteArticle(type)} ${label} element`', `__text('Create {{label}}', { label })`],
      ['`Remove ${entry.label}`', `__text('Remove {{label}}', { label: entry.label })`],
      ["`Expression for '${key}'`", `__text("Expression for '{{key}}'", { key })`],
      ['`Minimum ${MIN_COLUMNS} columns are allowed`', `__text('Minimum {{count}} columns are allowed', { count: MIN_COLUMNS })`],
      ['`Maximum ${MAX_COLUMNS} columns are allowed`', `__text('Maximum {{count}} columns are allowed', { count: MAX_COLUMNS })`],
      [
        '`New value exceeds the maximum of ${MAX_COLUMNS_PER_ROW} columns per row`',
        `__text('New value exceeds the maximum of {{count}} columns per row', { count: MAX_COLUMNS_PER_ROW })`,
      ],
      [
        '`Maximum ${MAX_FIELDS_PER_ROW} fields per row are allowed`',
        `__text('Maximum {{count}} fields per row are allowed', { count: MAX_FIELDS_PER_ROW })`,
      ],
      ['`Should be at least ${min}.`', `__text('Should be at least {{limit}}.', { limit: min })`],
      ['`Should be at most ${max}.`', `__text('Should be at most {{limit}}.', { limit: max })`],
      ['`Should be at least ${minimumValue.toString()}.`', `__text('Should be at least {{limit}}.', { limit: minimumValue.toString() })`],
      [
        '`Should not contain more than ${decimalDigits} decimal digits`',
        `__text('Should not contain more than {{digits}} decimal digits', { digits: decimalDigits })`,
      ],
      [
        '`Should not contain more than ${decimalDigits} decimal digits.`',
        `__text('Should not contain more than {{digits}} decimal digits.', { digits: decimalDigits })`,
      ],
      [
        'children: ["Supports markdown and templating.", ',
        `children: [__text("Supports markdown and templating."), `,
      ],
    ],
  },
  {
    file: FORM_VIEWER,
    scan: COMPONENT,
    places: [
      ["const TEXT_VIEW_DEFAULT_TEXT = '# Text';", "const TEXT_VIEW_DEFAULT_TEXT = `# ${__text('Text')}`;"],
      ['placeholder: getLocaleReadableDateFormat(),', 'placeholder: __text(getLocaleReadableDateFormat()),'],
    ],
  },
  {
    // The parts of the properties panel are given a translation by some of their users only.
    file: /@bpmn-io\/properties-panel\/dist\/index\.esm\.js/,
    scan: /(?<before>children: |closeButtonTooltip: |closeButtonTooltip = )(?<quoted>"[A-Z][^"\n]*"|'[A-Z][^'\n]*')/g,
    places: [['function translateFallback(template, replacements) {', 'function translateFallback(template, replacements) {\n  template = __text(template);']],
  },
  {
    file: /diagram-js\/lib\/features\/popup-menu\/PopupMenuComponent\.js/,
    places: [
      ["title || 'Results'", "title || __text('Results')"],
      [
        "${ entriesToShow.length } ${ entriesToShow.length === 1 ? 'result' : 'results' } found",
        "${ __text('Results found: {{count}}', { count: entriesToShow.length }) }",
      ],
      [
        'selectedEntry.label ? `Open entry documentation for ${ selectedEntry.label }` : \'Open entry documentation\'',
        "selectedEntry.label ? __text('Open entry documentation for {{label}}', { label: selectedEntry.label }) : __text('Open entry documentation')",
      ],
      ['                Open entry documentation\n', "                ${ __text('Open entry documentation') }\n"],
    ],
  },
  {
    file: /dmn-js-properties-panel\/dist\/index\.esm\.js/,
    scan: /(?<before>label: )(?<quoted>'(?:General|Documentation|Variable|History cleanup)')/g,
    places: [
      [
        String.raw`return concreteType.replace(/(\B[A-Z])/g, ' $1').replace(/(\bNon Interrupting)/g, '($1)');`,
        String.raw`return __text(concreteType.replace(/(\B[A-Z])/g, ' $1'));`,
      ],
    ],
  },
  {
    file: /dmn-js-shared\/lib\/components\/List\.js/,
    places: [['"title": "Remove item"', '"title": __text("Remove item")']],
  },
  {
    file: /dmn-js-decision-table\/lib\/features\/drag-and-drop\/DragAndDrop\.js/,
    places: [["`Move ${isInput(col) ? 'Input' : 'Output'}`", "isInput(col) ? __text('Move input') : __text('Move output')"]],
  },
  {
    file: /dmn-js-decision-table\/lib\/features\/context-menu\/ContextMenu\.js/,
    places: [['"aria-label": "Decision table context menu"', '"aria-label": __text("Decision table context menu")']],
  },
  {
    file: /dmn-js-decision-table\/lib\/features\/simple-duration-edit\/components\/InputDurationEdit\.js/,
    places: [['createTextVNode("Value")', 'createTextVNode(__text("Value"))']],
  },
  {
    file: /dmn-js-boxed-expression\/lib\/features\/element-variable\/components\/ElementVariableComponent\.js/,
    places: [['createTextVNode("Result")', 'createTextVNode(__text("Result"))']],
  },
  {
    file: /dmn-js-boxed-expression\/lib\/features\/element-variable\/components\/ElementVariableEditorComponent\.js/,
    places: [
      ['createTextVNode("Result")', 'createTextVNode(__text("Result"))'],
      ['createTextVNode("Result type")', 'createTextVNode(__text("Result type"))'],
    ],
  },
  {
    file: SIMULATION('features/toggle-mode/(modeler|viewer)/ToggleMode.js'),
    places: [['Token Simulation <span', "${ __text('Token Simulation') } <span"]],
  },
  {
    file: SIMULATION('features/show-scopes/ShowScopes.js'),
    places: [['title="Focus process instance ${scope.id}"', `title="\${ __text('Focus process instance {{id}}', { id: scope.id }) }"`]],
  },
  {
    file: SIMULATION('features/log/Log.js'),
    scan: /(?<before>\|\| )(?<quoted>'[A-Z][^']+')/g,
    places: [
      ['        Simulation Log', "        ${ __text('Simulation Log') }"],
      ['aria-label="Close"', `aria-label="\${ __text('Close') }"`],
      ["'<p class=\"bts-entry placeholder\">No Entries</p>'", '`<p class="bts-entry placeholder">No Entries</p>`'],
      ['>No Entries<', ">${ __text('No Entries') }<"],
      ['title="Toggle Simulation Log"', `title="\${ __text('Toggle Simulation Log') }"`],
      ["isSubProcess ? (getElementName(scopeElement) || 'SubProcess') : 'Process'", "isSubProcess ? (getElementName(scopeElement) || '') : ''"],
      ['} started`;', "} ${ __text('started') }`;"],
      ["completed ? 'finished' : 'canceled'", "completed ? __text('finished') : __text('canceled')"],
    ],
  },
  {
    file: SIMULATION('features/reset-simulation/ResetSimulation.js'),
    places: [
      ['title="Reset Simulation"', `title="\${ __text('Reset Simulation') }"`],
      ["text: 'Reset Simulation'", "text: __text('Reset Simulation')"],
    ],
  },
  {
    file: SIMULATION('features/element-support/ElementSupport.js'),
    places: [
      ["text: 'Found unsupported elements'", "text: __text('Found unsupported elements')"],
      ["text: 'Not supported'", "text: __text('Not supported')"],
    ],
  },
  {
    file: SIMULATION('features/pause-simulation/PauseSimulation.js'),
    places: [
      ['title="Play/Pause Simulation"', `title="\${ __text('Play/Pause Simulation') }"`],
      ["text: 'Pause Simulation'", "text: __text('Pause Simulation')"],
      ["text: 'Play Simulation'", "text: __text('Play Simulation')"],
    ],
  },
  {
    file: SIMULATION('features/set-animation-speed/SetAnimationSpeed.js'),
    places: [['title="Set animation speed = ${ label }"', `title="\${ __text('Set animation speed = {{speed}}', { speed: __text(label) }) }"`]],
  },
  {
    file: SIMULATION('features/context-pads/handler/(Ex|In)clusiveGatewayHandler.js'),
    places: [['title="Set Sequence Flow"', `title="\${ __text('Set Sequence Flow') }"`]],
  },
  {
    file: SIMULATION('features/context-pads/handler/PauseHandler.js'),
    places: [
      [`title="\${ wait ? 'Remove' : 'Add' } pause point"`, `title="\${ wait ? __text('Remove pause point') : __text('Add pause point') }"`],
    ],
  },
  {
    file: SIMULATION('features/context-pads/handler/TriggerHandler.js'),
    places: [['title="Trigger Event"', `title="\${ __text('Trigger Event') }"`]],
  },
  {
    file: SIMULATION('features/simulation-state/SimulationState.js'),
    places: [["text: 'Finished'", "text: __text('Finished')"]],
  },
];

/** The text between quotes. */
export const unquoted = (quoted: string) => quoted.slice(1, -1).replace(/\\(.)/g, '$1');

/** The code with its words made calls; throws where a place is not there. */
export function withWords(code: string, { scan, places = [] }: Editor, dictionary: Readonly<Record<string, string>>): string {
  let changed = code;
  for (const [place, becomes] of places) {
    if (!changed.includes(place)) throw new Error(`${place} is no longer there; see literalWords.ts`);
    changed = changed.replaceAll(place, becomes);
  }
  if (!scan) return changed;
  return changed.replace(scan, (...match) => {
    const { before, quoted } = match.at(-1) as { before: string; quoted: string };
    return unquoted(quoted) in dictionary ? `${before}__text(${quoted})` : `${before}${quoted}`;
  });
}

const IMPORT = "import { word as __text } from '/src/desks/design/vendor/literalWords.ts';\n";

export function literalWords(dictionary: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'lendloom-literal-words',
    enforce: 'pre',
    transform(code, id) {
      const editor = EDITORS.find(({ file }) => file.test(id));
      if (!editor) return null;
      return { code: IMPORT + withWords(code, editor, dictionary), map: null };
    },
  };
}
