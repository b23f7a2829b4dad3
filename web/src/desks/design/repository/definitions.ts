/** Finding and sorting published definitions; all of them are here. */
import type { RepositoryItem } from '../../../api/schema';
import type { Sort } from '../../../ui/useRows';
import { DEFINITION_KINDS, type DeployedKind } from '../api';

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

/** What is published under an id that a new file of a kind would have, itself or with a decision in it. */
export function holderOf(all: readonly RepositoryItem[], kind: DeployedKind, wanted: string): RepositoryItem | undefined {
  return all.find(
    (item) => DEFINITION_KINDS[item.kind] === kind && (item.id === wanted || item.decisions.some(({ decisionDefinitionId }) => decisionDefinitionId === wanted)),
  );
}

export interface Caller {
  id: string;
  name: string;
  to: string;
}

/** The processes that use a definition and the decision models that import it, each once; `all` tells their names. */
export function callersOf({ usedBy, importedBy }: RepositoryItem, all: readonly RepositoryItem[]): Caller[] {
  const processes = new Map(usedBy.map(({ processDefinitionId: id, processDefinitionName: name }) => [id, name ?? id]));
  return [
    ...[...processes].map(([id, name]) => ({ id, name, to: `/design/bpmn/${encodeURIComponent(id)}` })),
    ...importedBy.map((id) => ({ id, name: modelName(all, id), to: `/design/dmn/${encodeURIComponent(id)}` })),
  ];
}

/** What a decision model is called. */
export function modelName(all: readonly RepositoryItem[], wanted: string): string {
  return all.find(({ kind, id }) => kind === 'decisionRequirements' && id === wanted)?.name ?? wanted;
}
