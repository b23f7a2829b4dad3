/** Finding and sorting published definitions; all of them are here. */
import type { RepositoryItem } from '../../../api/schema';
import type { Sort } from '../../../ui/useRows';

/** Whether a definition, or a decision in its graph, has this text in its name or id. */
export function matches({ id, name, decisions }: RepositoryItem, text: string): boolean {
  const wanted = text.toLowerCase();
  const words = [id, name, ...decisions.flatMap((decision) => [decision.decisionDefinitionId, decision.name])];
  return words.some((word) => word?.toLowerCase().includes(wanted));
}

const FIELDS: Readonly<Record<string, (item: RepositoryItem) => string | number>> = {
  name: ({ name, id }) => name ?? id,
  id: ({ id }) => id,
  version: ({ latest }) => latest.version,
  active: ({ latest }) => latest.activeInstances ?? 0,
  changed: ({ latest }) => latest.deploymentDate,
  by: ({ latest }) => latest.deployedBy,
};

const inOrder = new Intl.Collator('zh-CN', { numeric: true });

export function sorted(items: readonly RepositoryItem[], [sort]: readonly Sort[]): RepositoryItem[] {
  const field = FIELDS[sort?.field ?? 'name'] ?? FIELDS.name!;
  const direction = sort?.order === 'DESC' ? -1 : 1;
  return [...items].sort((one, other) => {
    const [a, b] = [field(one), field(other)];
    return direction * (typeof a === 'number' && typeof b === 'number' ? a - b : inOrder.compare(String(a), String(b)));
  });
}

/** The processes that use a definition, each once. */
export function callersOf({ usedBy }: RepositoryItem): { id: string; name: string }[] {
  const found = new Map(usedBy.map(({ processDefinitionId: id, processDefinitionName: name }) => [id, name ?? id]));
  return [...found].map(([id, name]) => ({ id, name }));
}
