/** bpmn-js with what a designer needs: properties with FEEL editors, minimap, simulation, menus, colours, our words. */
import { CreateAppendAnythingModule } from 'bpmn-js-create-append-anything';
import colorPicker from 'bpmn-js-color-picker';
import {
  BpmnPropertiesPanelModule,
  BpmnPropertiesProviderModule,
  ZeebePropertiesProviderModule,
  ZeebeTooltipProvider,
} from 'bpmn-js-properties-panel';
import tokenSimulation from 'bpmn-js-token-simulation';
import Modeler from 'bpmn-js/lib/Modeler';
import cloudBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import minimap from 'diagram-js-minimap';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';

import { padInSight } from '../padInSight';
import { BPMN_WORDS } from '../vendor/bpmnWords';
import { PANEL_WORDS } from '../vendor/panelWords';
import { translateModule } from '../vendor/translate';
import { scopeColours } from './scopeColours';
import { foreignGroup } from './foreignGroup';
import { supportedGroups } from './supportedGroups';

export interface Canvas {
  viewbox(box?: Box): Box & { inner: Box; outer: { width: number; height: number } };
  resized(): void;
  zoom(level?: number | 'fit-viewport', center?: 'auto'): number;
  getRootElement(): Element;
  findRoot(element: Element): Element | null;
  setRootElement(root: Element): void;
  scrollToElement(element: Element, padding?: number): void;
}
export interface Element {
  id: string;
  waypoints?: unknown;
}
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function createModeler(container: HTMLElement, panel: HTMLElement): Modeler {
  return new Modeler({
    container,
    propertiesPanel: { parent: panel, tooltip: ZeebeTooltipProvider },
    additionalModules: [
      translateModule(BPMN_WORDS, PANEL_WORDS),
      BpmnPropertiesPanelModule,
      BpmnPropertiesProviderModule,
      ZeebePropertiesProviderModule,
      supportedGroups,
      foreignGroup,
      cloudBehaviors,
      CreateAppendAnythingModule,
      colorPicker,
      minimap,
      tokenSimulation,
      scopeColours,
      padInSight,
    ],
    moddleExtensions: { zeebe },
  } as never);
}

/** What the palette takes of the canvas at its left. */
const PALETTE = 136;
const MARGIN = 32;

/** Show the whole diagram beside the palette, not under it. */
export function fit(canvas: Canvas): void {
  const { inner, outer } = canvas.viewbox();
  if (inner.width === 0 || outer.width === 0) return;
  const free = { width: outer.width - PALETTE - MARGIN, height: outer.height - 2 * MARGIN };
  const scale = Math.min(1, Math.max(0.2, Math.min(free.width / inner.width, free.height / inner.height)));
  const above = Math.max(MARGIN, (outer.height - inner.height * scale) / 2);
  canvas.viewbox({
    x: inner.x - PALETTE / scale,
    y: inner.y - above / scale,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}
