/** What the elements of a process are called, for lists of those that were not reached. */

/** Names by id; a sequence flow without a name is called by what it connects, all else without one by its id. */
export function elementNames(xml: string): (id: string) => string {
  const elements = new Map<string, Element>();
  for (const element of new DOMParser().parseFromString(xml, 'application/xml').querySelectorAll('[id]')) elements.set(element.id, element);
  const own = (id: string) => elements.get(id)?.getAttribute('name')?.replace(/\s+/g, ' ').trim();
  return (id) => {
    const [from, to] = ['sourceRef', 'targetRef'].map((end) => elements.get(id)?.getAttribute(end));
    const ends = from && to ? `${own(from) || from} → ${own(to) || to}` : '';
    return ends ? (own(id) ? `${ends} (${own(id)})` : ends) : own(id) || id;
  };
}
