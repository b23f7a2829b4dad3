/** The editors' modules that bring no types. */
declare module 'bpmn-js-properties-panel' {
  export const BpmnPropertiesPanelModule: object;
  export const BpmnPropertiesProviderModule: object;
  export const ZeebePropertiesProviderModule: object;
  export const ZeebeTooltipProvider: object;
}
/** Parts of the panel; called as functions, they give what its own rendering takes. */
declare module '@bpmn-io/properties-panel' {
  export function ListGroup(props: object): object;
  export function TextFieldEntry(props: object): object;
}
declare module 'bpmn-moddle' {
  export class BpmnModdle {
    constructor(packages?: object);
    fromXML(xml: string): Promise<{ rootElement: object; elementsById: Record<string, object> }>;
    toXML(element: object, options?: { format?: boolean }): Promise<{ xml: string }>;
  }
}
declare module 'bpmn-js-token-simulation';
declare module 'bpmn-js-token-simulation/lib/util/EventHelper' {
  export const TOGGLE_MODE_EVENT: string;
}
declare module 'bpmn-js-create-append-anything' {
  export const CreateAppendAnythingModule: object;
}
declare module 'bpmn-js-color-picker';
declare module 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
declare module 'diagram-js-minimap';
declare module 'bpmn-auto-layout' {
  export function layoutProcess(xml: string): Promise<string>;
}
declare module 'zeebe-bpmn-moddle/resources/zeebe.json' {
  const descriptor: object;
  export default descriptor;
}
declare module 'dmn-js/lib/Modeler' {
  export { default } from 'dmn-js/lib/manager';
}
declare module 'dmn-js/lib/NavigatedViewer' {
  export { default } from 'dmn-js/lib/manager';
}
/** What both managers of dmn-js's views do. */
declare module 'dmn-js/lib/manager' {
  export interface View {
    id: string;
    name?: string;
    type: 'drd' | 'decisionTable' | 'literalExpression' | 'boxedExpression';
    element: { id: string; name?: string };
  }
  export interface ActiveViewer {
    get<Service>(name: string, strict?: boolean): Service;
    on(event: string, listener: (event: never) => void): void;
  }
  export default class Manager {
    constructor(options: object);
    importXML(xml: string): Promise<{ warnings: readonly { message: string }[] }>;
    saveXML(options?: { format?: boolean }): Promise<{ xml: string }>;
    getViews(): View[];
    getActiveView(): View | undefined;
    getActiveViewer(): ActiveViewer | undefined;
    open(view: View): Promise<unknown>;
    on(event: string, listener: (event: never) => void): void;
    destroy(): void;
  }
}
declare module 'dmn-js-properties-panel' {
  export const DmnPropertiesPanelModule: object;
  export const DmnPropertiesProviderModule: object;
}
declare module '@bpmn-io/form-js-editor/dist/assets/*.css';
