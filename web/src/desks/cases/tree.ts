/** The instances of a case as a tree: what was called stands below what called it. */
import type { Case, ProcessInstance } from '../../api/schema';

export interface Branch {
  instance: ProcessInstance;
  depth: number;
}

/** The instances in the order in which a tree is read, each with its depth. One whose caller is not among them is a root. */
export function treeOf(instances: readonly ProcessInstance[]): Branch[] {
  const known = new Set(instances.map(({ processInstanceKey }) => processInstanceKey));
  const below = new Map<string | null, ProcessInstance[]>();
  for (const instance of instances) {
    const parent = instance.parentProcessInstanceKey;
    const place = parent !== null && known.has(parent) ? parent : null;
    below.set(place, [...(below.get(place) ?? []), instance]);
  }
  const branches: Branch[] = [];
  const walk = (parent: string | null, depth: number) => {
    const children = [...(below.get(parent) ?? [])].sort((one, other) => one.startDate.localeCompare(other.startDate));
    for (const instance of children) {
      branches.push({ instance, depth });
      walk(instance.processInstanceKey, depth + 1);
    }
  };
  walk(null, 0);
  return branches;
}

/** The elements of an instance that have called one with an incident, there or further below. */
export function troubledCalls({ instances, elements }: Pick<Case, 'instances' | 'elements'>, key: string): ReadonlySet<string> {
  const troubled = instances.filter(({ parentProcessInstanceKey, hasIncident }) => parentProcessInstanceKey === key && hasIncident);
  const calling = new Set(troubled.map(({ parentElementInstanceKey }) => parentElementInstanceKey));
  return new Set(elements.filter(({ elementInstanceKey }) => calling.has(elementInstanceKey)).map(({ elementId }) => elementId));
}
