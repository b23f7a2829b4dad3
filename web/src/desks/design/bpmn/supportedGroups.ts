/**
 * The panel's groups without those for what the engine does not run: a file that uses them is refused by the gate.
 * Where a file from elsewhere has such a thing, its group is there, so that it can be removed.
 */

/** Groups, and the extension element that each is for. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  Zeebe__ExecutionListeners: 'zeebe:ExecutionListeners',
  Zeebe__TaskListeners: 'zeebe:TaskListeners',
};
const AFTER_THE_OTHERS = 400;

interface Group {
  id: string;
}
interface Element {
  businessObject: { extensionElements?: { values?: { $type: string }[] } };
}
interface Panel {
  registerProvider(priority: number, provider: { getGroups(element: Element): (groups: Group[]) => Group[] }): void;
}

class SupportedGroups {
  static $inject = ['propertiesPanel'];
  constructor(panel: Panel) {
    panel.registerProvider(AFTER_THE_OTHERS, this);
  }
  getGroups({ businessObject }: Element) {
    const used = businessObject.extensionElements?.values?.map(({ $type }) => $type) ?? [];
    return (groups: Group[]) => groups.filter(({ id }) => UNSUPPORTED[id] === undefined || used.includes(UNSUPPORTED[id]));
  }
}

export const supportedGroups = { __init__: ['supportedGroups'], supportedGroups: ['type', SupportedGroups] };
