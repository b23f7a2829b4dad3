/** The elements of a diagram in the order in which they are drawn, for tables beside it. */

export interface DiagramElement {
  id: string;
  name: string;
  /** `UserTask`, `ExclusiveGateway`, … */
  type: string;
}

interface Shape {
  id: string;
  type: string;
  labelTarget?: unknown;
  waypoints?: unknown;
  businessObject: { name?: string };
  x: number;
  y: number;
}

const NOT_LISTED = new Set(['bpmn:Process', 'bpmn:Collaboration', 'bpmn:TextAnnotation', 'bpmn:Group', 'label']);

/** Everything that can be reached by a token, from left to right. */
export function elementsOf(viewer: { get<Service>(name: string): Service }): DiagramElement[] {
  const shapes = viewer.get<{ filter(test: (shape: Shape) => boolean): Shape[] }>('elementRegistry');
  return shapes
    .filter(({ type, labelTarget, waypoints }) => !labelTarget && !waypoints && type.startsWith('bpmn:') && !NOT_LISTED.has(type))
    .sort((one, other) => one.x - other.x || one.y - other.y)
    .map(({ id, type, businessObject }) => ({ id, name: businessObject.name ?? '', type: type.slice('bpmn:'.length) }));
}
