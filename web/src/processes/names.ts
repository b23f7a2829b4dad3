/** What the elements of a process are called, read from its BPMN file. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { api } from '../api/client';

export interface ElementName {
  id: string;
  /** Empty where the designer gave none. */
  name: string;
  /** `userTask`, `exclusiveGateway`, `sequenceFlow`, … */
  kind: string;
  /** The host of a boundary event. */
  attachedTo: string | null;
  /** The start and the end of a sequence flow. */
  source: string | null;
  target: string | null;
}

const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL';

/** Everything in the file that has an id, by it. */
export function elementsOfFile(xml: string): ReadonlyMap<string, ElementName> {
  const found = new Map<string, ElementName>();
  const document = new DOMParser().parseFromString(xml, 'application/xml');
  for (const element of document.querySelectorAll('[id]')) {
    if (element.namespaceURI !== BPMN) continue;
    const id = element.getAttribute('id')!;
    found.set(id, {
      id,
      name: (element.getAttribute('name') ?? '').replace(/\s+/g, ' ').trim(),
      kind: element.localName,
      attachedTo: element.getAttribute('attachedToRef'),
      source: element.getAttribute('sourceRef'),
      target: element.getAttribute('targetRef'),
    });
  }
  return found;
}

const CONTAINERS = new Set(['process', 'subProcess', 'transaction', 'adHocSubProcess']);

/** Whether an element holds others. */
export const isContainer = (element: ElementName | undefined) => element !== undefined && CONTAINERS.has(element.kind);

/** The BPMN file of a version; it never changes. */
export function processFileQuery(key: string) {
  return {
    queryKey: ['get', '/v2/process-definitions/{key}/xml', key],
    queryFn: async () => (await api.GET('/v2/process-definitions/{key}/xml', { params: { path: { key } }, parseAs: 'text' })).data as string,
    staleTime: Infinity,
  };
}

/** The file of a version and what its elements are called. */
export function useProcessFile(key: string | undefined) {
  const file = useQuery({ ...processFileQuery(key ?? ''), enabled: key !== undefined });
  const elements = useMemo(() => (file.data === undefined ? NO_ELEMENTS : elementsOfFile(file.data)), [file.data]);
  const nameOf = useMemo(() => (id: string) => elements.get(id)?.name || id, [elements]);
  return { file, elements, nameOf };
}

const NO_ELEMENTS: ReadonlyMap<string, ElementName> = new Map();
