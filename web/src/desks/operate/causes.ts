/** Incidents by their cause: the same kind of error, at the same element of the same version, with the same message but for its particulars. */
import type { Incident } from '../../api/schema';

export interface Cause {
  /** Stable as long as the cause is the same. */
  id: string;
  errorType: string;
  elementId: string;
  processDefinitionKey: string;
  processDefinitionId: string;
  /** The message of the latest incident. */
  message: string;
  first: string;
  last: string;
  incidents: readonly Incident[];
}

const PARTICULARS: readonly [RegExp, string][] = [
  [/[“"‘'`「][^”"’'`」]*[”"’'`」]/g, '…'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '#'],
  [/\b(?:[A-Za-z]+[-_])*[A-Za-z]*\d[\w.:+-]*/g, '#'],
];
const LONGEST = 300;

/** A message without what differs from case to case: names in quotes, numbers, keys. */
export function shapeOf(message: string): string {
  const line = firstLine(message).slice(0, LONGEST);
  return PARTICULARS.reduce((shape, [particular, sign]) => shape.replace(particular, sign), line);
}

/** What of a message fits a line; traces and statements follow it. */
export const firstLine = (message: string) => message.split('\n', 1)[0]!.trim();

/** The causes with most incidents first. */
export function causesOf(incidents: readonly Incident[]): Cause[] {
  const groups = new Map<string, Incident[]>();
  for (const incident of incidents) {
    const id = [incident.processDefinitionKey, incident.elementId, incident.errorType, shapeOf(incident.errorMessage)].join('\n');
    groups.set(id, [...(groups.get(id) ?? []), incident]);
  }
  return [...groups]
    .map(([id, group]): Cause => {
      const sorted = [...group].sort((one, other) => other.creationTime.localeCompare(one.creationTime));
      const [latest, earliest] = [sorted[0]!, sorted.at(-1)!];
      const { errorType, elementId, processDefinitionKey, processDefinitionId, errorMessage } = latest;
      return {
        id,
        errorType,
        elementId,
        processDefinitionKey,
        processDefinitionId,
        message: errorMessage,
        first: earliest.creationTime,
        last: latest.creationTime,
        incidents: sorted,
      };
    })
    .sort((one, other) => other.incidents.length - one.incidents.length || other.last.localeCompare(one.last));
}
