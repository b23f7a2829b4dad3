/** A group of the panel for what an element has from other tools, each with what the server says of it and a way to remove it. */
import { ListGroup, TextFieldEntry } from '@bpmn-io/properties-panel';

import type { Finding } from '../api';
import { extensionsOf, foreignOf, meantBy, type Foreign, type Moddle } from './foreign';

const BEFORE_THE_OTHERS = 300;
const ID = 'lendloom-foreign';

interface Element {
  businessObject: Moddle;
}
interface Panel {
  registerProvider(priority: number, provider: object): void;
}
interface Modeling {
  updateModdleProperties(element: Element, target: Moddle, properties: object): void;
}
type Translate = (text: string) => string;

export class ForeignGroup {
  static $inject = ['propertiesPanel', 'modeling', 'elementRegistry', 'eventBus', 'translate'];
  private findings: readonly Finding[] = [];

  constructor(
    panel: Panel,
    private readonly modeling: Modeling,
    private readonly registry: { find(test: (element: Element) => boolean): Element | undefined },
    private readonly bus: { fire(event: string): void },
    private readonly translate: Translate,
  ) {
    panel.registerProvider(BEFORE_THE_OTHERS, this);
  }

  /** Say what the server says of attributes beside them. */
  tell(findings: readonly Finding[]): void {
    this.findings = findings;
    this.bus.fire('propertiesPanel.providersChanged');
  }

  /** Remove what a finding is said of, as an action that can be undone; false where that is not to be found. */
  cure({ element: id = '', detail }: Finding): boolean {
    const removable = ({ businessObject }: Element) => [...foreignOf(businessObject), ...extensionsOf(businessObject)];
    const element = this.registry.find((each) => each.businessObject.id === id && meantBy(detail, removable(each)) !== undefined);
    const meant = element && meantBy(detail, removable(element));
    if (meant) this.remove(element, meant);
    return meant !== undefined;
  }

  getGroups(element: Element) {
    const found = foreignOf(element.businessObject);
    return (groups: object[]) => (found.length === 0 ? groups : [this.group(element, found), ...groups]);
  }

  private remove(element: Element, { target, without }: Foreign): void {
    this.modeling.updateModdleProperties(element, target, without);
  }

  private group(element: Element, found: readonly Foreign[]) {
    const said = this.findings.filter((finding) => finding.element === element.businessObject.id);
    const items = found.map((foreign, index) => {
      const id = `${ID}-${index}-${foreign.name}`;
      const description = said.find(({ detail }) => meantBy(detail, [foreign]) !== undefined)?.detail;
      return {
        id,
        label: foreign.name,
        entries: [{ id: `${id}-value`, component: (props: object) => this.value(props, id, foreign, description) }],
        remove: (event: Event) => {
          event.stopPropagation();
          this.remove(element, foreign);
        },
      };
    });
    return { id: ID, label: this.translate('From other tools'), component: ListGroup, items, shouldOpen: true };
  }

  private value(props: object, id: string, { value }: Foreign, description: string | undefined) {
    const fixed = { disabled: true, getValue: () => value, setValue: () => undefined, debounce: <Call>(call: Call) => call };
    return TextFieldEntry({ ...props, ...fixed, id: `${id}-value`, label: this.translate('Value'), description });
  }
}

export const foreignGroup = { __init__: ['foreignGroup'], foreignGroup: ['type', ForeignGroup] };
