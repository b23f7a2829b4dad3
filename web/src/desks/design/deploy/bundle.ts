/**
 * What is published together with a draft. A reference that is bound to its deployment, and a decision model that is
 * imported, means the version that was deployed with it: what it leads to must be sent along, unchanged or not, and who
 * is bound to something that changes must be sent anew to follow it. Everything else may be.
 */
import type { DraftInRepository, RepositoryItem } from '../../../api/schema';
import { DEFINITION_KINDS, type DeployedKind } from '../api';

interface Use {
  /** A definition, as `kind id`. */
  target: string;
  isBound: boolean;
}

/** A file that can be sent: a draft, or the newest version as it is. */
export interface Source {
  key: string;
  draftKey: string | null;
  resourceKey: string | null;
  name: string;
  /** The definitions in it, as `kind id`; that of the file itself first. */
  definitions: readonly string[];
  uses: readonly Use[];
  /** Its content is not that of the newest version. */
  differs: boolean;
  /** Its content is that of no version: somebody has changed something that is not published. */
  isOpen: boolean;
  isMine: boolean;
  changedBy: string;
  changeDate: string;
  revision: number;
  baseResourceKey: string | null;
}

/** A definition, with the files that can be sent for it, the likeliest first. */
export interface Member {
  key: string;
  kind: DeployedKind;
  name: string;
  latest: RepositoryItem['latest'] | null;
  sources: readonly Source[];
}

/** Why something is in the list: it must be sent (for a binding, or an import), it is to follow, it has to do with what
 *  is sent, or none of these. */
export type Reason = 'own' | 'required' | 'imported' | 'follows' | 'related' | 'other';

export interface Part {
  member: Member;
  source: Source;
  reason: Reason;
  isSent: boolean;
  /** Names of what it is listed for. */
  because: readonly string[];
}

/** What a person has decided of members, by their keys. */
export type Choice = ReadonlyMap<string, { isSent?: boolean; source?: string }>;

const identity = (kind: string, id: string) => `${kind} ${id}`;

/** Every definition that is published or has a draft. */
export function membersOf(drafts: readonly DraftInRepository[], published: readonly RepositoryItem[], me: string): Member[] {
  const members = new Map<string, Member>();
  for (const item of published) {
    const source = versionSource(item);
    members.set(source.definitions[0]!, { key: source.definitions[0]!, kind: DEFINITION_KINDS[item.kind], name: source.name, latest: item.latest, sources: [source] });
  }
  for (const draft of drafts) {
    const source = draftSource(draft, me);
    const key = source.definitions[0] ?? source.key;
    const before = members.get(key);
    members.set(key, before ? { ...before, sources: [...before.sources, source] } : { key, kind: draft.kind as DeployedKind, name: draft.name, latest: null, sources: [source] });
  }
  return [...members.values()];
}

function versionSource(item: RepositoryItem): Source {
  const { latest, decisions, uses, imports } = item;
  return {
    key: `version ${latest.resourceKey}`,
    draftKey: null,
    resourceKey: latest.resourceKey,
    name: item.name ?? decisions[0]?.name ?? item.id,
    definitions: [identity(item.kind, item.id), ...decisions.map(({ decisionDefinitionId }) => identity('decision', decisionDefinitionId))],
    uses: [
      ...uses.map(({ kind, id, binding }) => ({ target: identity(kind, id), isBound: binding === 'deployment' })),
      ...imports.map((id) => ({ target: identity(item.kind, id), isBound: true })),
    ],
    differs: false,
    isOpen: false,
    isMine: false,
    changedBy: latest.deployedBy,
    changeDate: latest.deploymentDate,
    revision: 0,
    baseResourceKey: latest.resourceKey,
  };
}

function draftSource(draft: DraftInRepository, me: string): Source {
  return {
    key: `draft ${draft.draftKey}`,
    draftKey: draft.draftKey,
    resourceKey: null,
    name: draft.name,
    definitions: draft.definitions.map(({ kind, id }) => identity(kind, id)),
    uses: draft.uses.map(({ kind, id, binding }) => ({ target: identity(kind, id), isBound: binding === 'deployment' })),
    differs: !draft.isInForce,
    isOpen: !draft.isPublished,
    isMine: draft.changedBy === me,
    changedBy: draft.changedBy,
    changeDate: draft.changeDate,
    revision: draft.revision,
    baseResourceKey: draft.baseResourceKey,
  };
}

/** The parts of a bundle around a draft: those that are sent or could be, what must be first. */
export function bundleOf(members: readonly Member[], draftKey: string, choice: Choice): Part[] {
  const own = members.find(({ sources }) => sources.some((source) => source.draftKey === draftKey));
  if (!own) return [];
  return new Bundle(members, own, draftKey, choice).parts();
}

/** What can stand for a member beside the draft: drafts with changes, and the newest version. */
export const offered = ({ sources }: Member): Source[] => sources.filter(({ draftKey, isOpen }) => draftKey === null || isOpen);

/** One's own draft, or the newest version; what others are working on only where there is nothing else. */
function usualSource(member: Member): Source | undefined {
  const all = offered(member);
  return all.find(({ isMine }) => isMine) ?? all.find(({ draftKey }) => draftKey === null) ?? all[0];
}

/** A decision model that a draft imports, directly or not, as it is taken. */
export interface Imported {
  member: Member;
  source: Source;
}

/** What a draft imports: as it would be published along, or as somebody chose by the keys of members and sources. */
export function importedBy(members: readonly Member[], draftKey: string, choice: Readonly<Record<string, string>>): Imported[] {
  const found = new Map<string, Imported>();
  const own = members.find(({ sources }) => sources.some((source) => source.draftKey === draftKey));
  const waiting = own?.sources.filter((source) => source.draftKey === draftKey) ?? [];
  for (const { uses } of waiting) {
    for (const { target } of uses.filter((use) => use.target.startsWith(identity('decisionRequirements', '')))) {
      const member = members.find((each) => each !== own && each.sources.some(({ definitions }) => definitions.includes(target)));
      if (!member || found.has(member.key)) continue;
      const source = offered(member).find(({ key }) => key === choice[member.key]) ?? usualSource(member);
      if (!source) continue;
      found.set(member.key, { member, source });
      waiting.push(source);
    }
  }
  return [...found.values()];
}

class Bundle {
  private readonly found = new Map<string, Part>();
  /** Keys of members that will get a new version. */
  private readonly changing = new Set<string>();

  constructor(
    private readonly members: readonly Member[],
    private readonly own: Member,
    draftKey: string,
    private readonly choice: Choice,
  ) {
    const source = own.sources.find((each) => each.draftKey === draftKey)!;
    this.found.set(own.key, { member: own, source, reason: 'own', isSent: true, because: [] });
    if (source.differs) this.changing.add(own.key);
  }

  parts(): Part[] {
    for (const member of this.members) {
      if (member === this.own || !this.choice.get(member.key)?.isSent) continue;
      const source = this.draftOf(member) ?? this.sourceOf(member);
      if (source) this.send(member, source, 'other', source.name);
    }
    let size;
    do {
      size = this.found.size + this.changing.size;
      this.sent().forEach((part) => this.bringWhatItIsBoundTo(part));
      if (this.found.size + this.changing.size === size) this.sent().forEach((part) => this.bringWhoIsBoundToIt(part));
    } while (this.found.size + this.changing.size > size);
    this.offerTheRest();
    const order: readonly Reason[] = ['own', 'required', 'imported', 'follows', 'related', 'other'];
    return [...this.found.values()].sort((one, other) => order.indexOf(one.reason) - order.indexOf(other.reason));
  }

  private sent(): Part[] {
    return [...this.found.values()].filter(({ isSent }) => isSent);
  }

  private bringWhatItIsBoundTo({ member, source }: Part): void {
    for (const { target, isBound } of source.uses) {
      const needed = isBound ? this.defining(target) : undefined;
      if (!needed || needed === member) continue;
      const sent = this.sourceOf(needed);
      if (sent) this.send(needed, sent, member.kind === 'dmn' ? 'imported' : 'required', source.name);
      if (this.changing.has(needed.key)) this.changing.add(member.key);
    }
  }

  private bringWhoIsBoundToIt({ member, source }: Part): void {
    if (!this.changing.has(member.key)) return;
    for (const user of this.members) {
      // Nobody's new cases depend on what was never published: that is offered, and its designer decides.
      if (user.latest === null && !this.found.has(user.key)) continue;
      const sent = this.found.get(user.key)?.source ?? this.sourceOf(user);
      if (!sent?.uses.some(({ target, isBound }) => isBound && source.definitions.includes(target))) continue;
      if (this.choice.get(user.key)?.isSent === false && !this.found.has(user.key)) {
        this.found.set(user.key, { member: user, source: sent, reason: 'follows', isSent: false, because: [source.name] });
      } else if (this.choice.get(user.key)?.isSent !== false) {
        this.send(user, sent, 'follows', source.name);
        this.changing.add(user.key);
      }
    }
  }

  private send(member: Member, source: Source, reason: Reason, name: string): void {
    const before = this.found.get(member.key);
    if (before?.isSent && before.reason !== 'other') {
      if (before.reason === reason && !before.because.includes(name)) this.found.set(member.key, { ...before, because: [...before.because, name] });
      return;
    }
    this.found.set(member.key, { member, source: before?.source ?? source, reason, isSent: true, because: [name] });
    if (source.differs) this.changing.add(member.key);
  }

  /** Drafts that need not be sent, with what they have to do with the drafts that are. */
  private offerTheRest(): void {
    const sent = this.sent().filter(({ source }) => source.draftKey !== null);
    const rest = this.members.filter(({ key }) => !this.found.has(key) || this.found.get(key)!.reason === 'other');
    for (const member of rest) {
      const before = this.found.get(member.key);
      const source = before?.source ?? this.draftOf(member);
      if (!source) continue;
      const because = sent.filter((part) => part.member !== member && (refersTo(part.source, source) || refersTo(source, part.source)));
      const reason = because.length > 0 ? 'related' : 'other';
      this.found.set(member.key, { member, source, reason, isSent: before?.isSent ?? false, because: because.map((part) => part.source.name) });
    }
  }

  private defining(target: string): Member | undefined {
    return this.members.find(({ sources }) => sources.some(({ definitions }) => definitions.includes(target)));
  }

  private sourceOf(member: Member): Source | undefined {
    return this.chosen(member) ?? usualSource(member);
  }

  private draftOf(member: Member): Source | undefined {
    const drafts = offered(member).filter(({ draftKey }) => draftKey !== null);
    return this.chosen(member) ?? drafts.find(({ isMine }) => isMine) ?? drafts[0];
  }

  private chosen(member: Member): Source | undefined {
    const key = this.choice.get(member.key)?.source;
    return key === undefined ? undefined : member.sources.find((source) => source.key === key);
  }
}

const refersTo = (one: Source, other: Source) => one.uses.some(({ target }) => other.definitions.includes(target));

/** What is published under an id that a draft took without having been begun from it: publishing puts the draft in its place. */
export interface TakenOver {
  source: Source;
  published: Member & { latest: RepositoryItem['latest'] };
}

export function takenOver(parts: readonly Part[], members: readonly Member[]): TakenOver[] {
  return parts
    .filter(({ isSent, source }) => isSent && source.draftKey !== null && source.differs)
    .flatMap(({ member, source }) =>
      members
        .filter((other): other is TakenOver['published'] => other.latest !== null && (other !== member || source.baseResourceKey === null))
        .filter(({ sources }) => sources.some(({ draftKey, definitions }) => draftKey === null && definitions.some((each) => source.definitions.includes(each))))
        .map((published) => ({ source, published })),
    );
}

/** What is told of a bundle: which kinds get a new version, who goes together, who stays behind. */
export function consequencesOf(parts: readonly Part[]): { kinds: DeployedKind[]; together: string[]; behind: string[] } {
  const sent = parts.filter(({ isSent }) => isSent);
  const bindsSomethingSent = ({ source }: Part) => source.uses.some(({ target, isBound }) => isBound && sent.some((part) => part.source.definitions.includes(target)));
  return {
    kinds: (['bpmn', 'dmn', 'form'] as const).filter((kind) => sent.some(({ member, source, reason }) => member.kind === kind && (source.differs || reason === 'own' || reason === 'follows'))),
    together: sent.filter((part) => part.member.kind === 'bpmn' && bindsSomethingSent(part)).map(({ source }) => source.name),
    behind: parts.filter(({ isSent, reason }) => !isSent && reason === 'follows').map(({ source }) => source.name),
  };
}

/** The names that files are sent under: those that they are published under, for another name makes another version. */
export function fileNames(parts: readonly Part[], nameOf: (part: Part) => string): string[] {
  const taken = new Set<string>();
  return parts.map((part) => {
    const wanted = part.member.latest?.resourceName ?? nameOf(part);
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = wanted.replace(/(\.\w+)$/, `-${number}$1`);
    taken.add(name);
    return name;
  });
}
