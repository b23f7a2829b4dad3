/** The panel's groups without those for what the engine does not run: a file that uses them is refused by the gate. */

const UNSUPPORTED = new Set(['Zeebe__ExecutionListeners', 'Zeebe__TaskListeners']);
const AFTER_THE_OTHERS = 400;

interface Group {
  id: string;
}
interface Panel {
  registerProvider(priority: number, provider: { getGroups(): (groups: Group[]) => Group[] }): void;
}

class SupportedGroups {
  static $inject = ['propertiesPanel'];
  constructor(panel: Panel) {
    panel.registerProvider(AFTER_THE_OTHERS, this);
  }
  getGroups() {
    return (groups: Group[]) => groups.filter(({ id }) => !UNSUPPORTED.has(id));
  }
}

export const supportedGroups = { __init__: ['supportedGroups'], supportedGroups: ['type', SupportedGroups] };
