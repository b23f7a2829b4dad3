/** What a deployment has made, in the words of this desk. */
import type { Deployment } from '../../../api/schema';
import type { Kind } from '../api';

/** Which cases follow a new version. */
export const CONSEQUENCES = {
  bpmn: 'publish.consequence.process',
  dmn: 'publish.consequence.decision',
  form: 'publish.consequence.form',
} as const;

export interface DeployedThing {
  kind: Kind;
  id: string;
  name: string;
  version: number;
  /** The file's version, where the thing is a file; decisions are parts of one. */
  resourceKey: string | null;
}

export function deployedItems({ deployments }: Deployment): DeployedThing[] {
  return deployments.flatMap(({ processDefinition, decisionRequirements, form }): DeployedThing[] => {
    if (processDefinition) {
      const { processDefinitionId: id, processDefinitionVersion: version, processDefinitionKey: resourceKey } = processDefinition;
      return [{ kind: 'bpmn', id, name: id, version, resourceKey }];
    }
    if (decisionRequirements) {
      const { decisionRequirementsId: id, decisionRequirementsName: name, version, decisionRequirementsKey: resourceKey } = decisionRequirements;
      return [{ kind: 'dmn', id, name, version, resourceKey }];
    }
    if (form) return [{ kind: 'form', id: form.formId, name: form.formId, version: form.version, resourceKey: form.formKey }];
    return [];
  });
}
