/** What a file says of itself, without being opened in an editor. */
import type { Kind } from '../api';

/** The file's name without its ending. */
export const nameOf = (fileName: string): string => fileName.replace(/(\.(scenario|test))?\.(bpmn20?\.xml|bpmn|dmn|form|xml|json|ya?ml)$/i, '') || fileName;

/** The id under which what is in a file would be deployed; null where it has none. */
export function definitionIdOf(kind: Kind, content: string): string | null {
  switch (kind) {
    case 'bpmn': {
      const processes = [...content.matchAll(/<(?:\w+:)?process\b([^>]*)>/g)].map(([, attributes]) => attributes!);
      const executable = processes.find((each) => /isExecutable="true"/.test(each)) ?? processes[0];
      return /\bid="([^"]+)"/.exec(executable ?? '')?.[1] ?? null;
    }
    case 'dmn':
      return /<(?:\w+:)?definitions\b[^>]*?\bid="([^"]+)"/.exec(content)?.[1] ?? null;
    case 'form':
      try {
        const { id } = JSON.parse(content) as { id?: unknown };
        return typeof id === 'string' ? id : null;
      } catch {
        return null;
      }
    case 'scenario':
      return null;
  }
}
