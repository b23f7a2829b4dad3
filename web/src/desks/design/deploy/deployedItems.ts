/** What a deployment has made, in the words of this desk. */
import type { Deployment } from '../../../api/schema';
import type { DefinitionKind, DeployedKind } from '../api';
import type { Part } from './bundle';

/** Which cases follow a new version. */
export const CONSEQUENCES = {
  bpmn: 'publish.consequence.process',
  dmn: 'publish.consequence.decision',
  form: 'publish.consequence.form',
} as const;

export interface DeployedThing {
  kind: DeployedKind;
  id: string;
  name: string;
  version: number;
  resourceKey: string;
  /** It has got a version of its own; otherwise it is as it was. */
  isNew: boolean;
}

/** The files' definitions as the deployment left them, under the names that the parts have. */
export function deployedItems({ deployments }: Deployment, parts: readonly Part[]): DeployedThing[] {
  const thing = (kind: DeployedKind, serverKind: DefinitionKind, id: string, version: number, resourceKey: string): DeployedThing => {
    const part = parts.find(({ source }) => source.definitions.includes(`${serverKind} ${id}`));
    const isOfFile = part?.source.definitions[0] === `${serverKind} ${id}`;
    return { kind, id, name: isOfFile ? part.source.name : id, version, resourceKey, isNew: part?.member.latest?.resourceKey !== resourceKey };
  };
  return deployments.flatMap(({ processDefinition: process, decisionRequirements: graph, form }): DeployedThing[] => {
    if (process) return [thing('bpmn', 'process', process.processDefinitionId, process.processDefinitionVersion, process.processDefinitionKey)];
    if (graph) return [thing('dmn', 'decisionRequirements', graph.decisionRequirementsId, graph.version, graph.decisionRequirementsKey)];
    if (form) return [thing('form', 'form', form.formId, form.version, form.formKey)];
    return [];
  });
}
