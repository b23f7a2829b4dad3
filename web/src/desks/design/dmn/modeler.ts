/** dmn-js with all its views in our words. */
import { DmnPropertiesPanelModule, DmnPropertiesProviderModule } from 'dmn-js-properties-panel';
import type Manager from 'dmn-js/lib/manager';
import Modeler from 'dmn-js/lib/Modeler';

import { padInSight } from '../padInSight';
import { DMN_WORDS } from '../vendor/dmnWords';
import { PANEL_WORDS } from '../vendor/panelWords';
import { translateModule } from '../vendor/translate';

export function createModeler(container: HTMLElement, panel: HTMLElement): Manager {
  const words = translateModule(PANEL_WORDS, DMN_WORDS);
  const onlyFeel = { expressionLanguages: { options: [{ value: 'feel', label: 'FEEL' }], defaults: { editor: 'feel' } } };
  return new Modeler({
    container,
    common: onlyFeel,
    drd: {
      propertiesPanel: { parent: panel },
      additionalModules: [words, DmnPropertiesPanelModule, DmnPropertiesProviderModule, padInSight],
    },
    decisionTable: { additionalModules: [words] },
    literalExpression: { additionalModules: [words] },
    boxedExpression: { additionalModules: [words] },
  });
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Canvas {
  viewbox(box?: Box): Box & { inner: Box; outer: { width: number; height: number } };
  resized(): void;
}

const PALETTE = 120;
const TITLE = 128;
const MARGIN = 32;

/** Show the whole graph beside the palette and below its title. */
export function fit(canvas: Canvas): void {
  const { inner, outer } = canvas.viewbox();
  if (inner.width === 0 || outer.width === 0) return;
  const scale = Math.min(1, Math.max(0.2, Math.min((outer.width - PALETTE - MARGIN) / inner.width, (outer.height - TITLE - MARGIN) / inner.height)));
  canvas.viewbox({
    x: inner.x - PALETTE / scale,
    y: inner.y - TITLE / scale,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}
