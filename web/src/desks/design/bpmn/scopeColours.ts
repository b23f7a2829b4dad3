/** The colours of simulated tokens: told apart from each other, and each dark enough for the white words on it. */

interface Scope {
  parent?: Scope | null;
  element?: { type: string };
  colors?: Colours;
}
interface Colours {
  primary: string;
  auxiliary: string;
}
interface EventBus {
  on(event: string, priority: number, listener: (event: { scope: Scope }) => void): void;
}

export const SCOPE_COLOURS = ['#0b5cad', '#8a3a9c', '#96590a', '#0f6e6e', '#b3261e', '#4b5d16', '#5b4bb5', '#a3246b'];
const MESSAGE_FLOW: Colours = { primary: '#5b6773', auxiliary: '#ffffff' };
const BEFORE_IT_IS_SHOWN = 1500;

class ScopeColours {
  static $inject = ['eventBus'];
  constructor(eventBus: EventBus) {
    let made = 0;
    eventBus.on('tokenSimulation.simulator.createScope', BEFORE_IT_IS_SHOWN, ({ scope }) => {
      if (scope.element?.type === 'bpmn:MessageFlow') scope.colors = MESSAGE_FLOW;
      else if (scope.parent?.colors) scope.colors = scope.parent.colors;
      else scope.colors = { primary: SCOPE_COLOURS[made++ % SCOPE_COLOURS.length]!, auxiliary: '#ffffff' };
    });
  }
}

/** In the place of the simulation's own, which are random. */
export const scopeColours = { coloredScopes: ['type', ScopeColours] };
