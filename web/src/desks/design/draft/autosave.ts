/**
 * Saves what is edited, by itself: some time after the last change, one save at a time, each on the revision that the
 * one before has made. Where somebody else has changed the draft meanwhile it stops and says so: nothing is
 * overwritten, nothing is lost.
 */
import { asProblem, type Problem } from '../../../api/problem';

export type SaveState =
  | { state: 'saved'; at: Date | null }
  | { state: 'changed' }
  | { state: 'saving' }
  | { state: 'failed'; problem: Problem }
  | { state: 'overtaken'; problem: Problem };

interface Saved {
  revision: number;
}

interface Options<Content> {
  revision: number;
  /** What is to be saved now. */
  read: () => Promise<Content>;
  save: (revision: number, content: Content) => Promise<Saved>;
  delay?: number;
  retry?: number;
}

export class Autosave<Content> {
  state: SaveState = { state: 'saved', at: null };
  revision: number;
  private dirty = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly options: Options<Content>) {
    this.revision = options.revision;
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly current = (): SaveState => this.state;

  /** Whether something would be lost if the page went away now. */
  get isUnsaved(): boolean {
    return this.dirty || this.running !== null;
  }

  /** Something has been changed. */
  readonly changed = (): void => {
    this.dirty = true;
    if (this.state.state === 'overtaken') return;
    if (this.running === null) this.tell({ state: 'changed' });
    this.later(this.options.delay ?? 1_200);
  };

  /** Save now; resolves when nothing is left to be saved, or it has failed. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    if (this.running !== null) await this.running;
    if (!this.dirty || this.state.state === 'overtaken') return;
    this.running = this.save().finally(() => {
      this.running = null;
    });
    await this.running;
    if (this.dirty && this.state.state === 'saved') await this.flush();
  }

  /** Go on from another revision, such as one that was loaded after a conflict. */
  continueFrom(revision: number): void {
    this.revision = revision;
    this.dirty = false;
    this.tell({ state: 'saved', at: null });
  }

  /** Another part of the draft has been saved. */
  advance(revision: number): void {
    this.revision = revision;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listeners.clear();
  }

  private async save(): Promise<void> {
    this.dirty = false;
    this.tell({ state: 'saving' });
    try {
      const saved = await this.options.save(this.revision, await this.options.read());
      this.revision = saved.revision;
      this.tell(this.dirty ? { state: 'changed' } : { state: 'saved', at: new Date() });
      if (this.dirty) this.later(this.options.delay ?? 1_200);
    } catch (error) {
      const problem = asProblem(error);
      this.dirty = true;
      this.tell({ state: problem.isConflict ? 'overtaken' : 'failed', problem });
      if (problem.mayPass) this.later(this.options.retry ?? 10_000);
    }
  }

  private later(delay: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), delay);
  }

  private tell(state: SaveState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}
