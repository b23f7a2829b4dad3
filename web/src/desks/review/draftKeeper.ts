/**
 * Keeps what somebody types on the server, a moment after they stop; where that fails it is tried again until it
 * succeeds, or the server says that it never will. Only one request is under way, and the newest values are saved last.
 */
import { asProblem } from '../../api/problem';

export type Values = Readonly<Record<string, unknown>>;

export interface DraftState {
  status: 'none' | 'saving' | 'saved' | 'failed';
  /** When the server kept it. */
  savedAt: string | null;
}

const TYPING_MS = 1_200;
const AGAIN_MS = 10_000;

export class DraftKeeper {
  private waiting: Values | null = null;
  private saving: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private held = false;
  private closed = false;

  constructor(
    private readonly save: (values: Values) => Promise<string>,
    private readonly tell: (state: DraftState) => void,
    private savedAt: string | null = null,
  ) {}

  /** Something was typed. */
  change(values: Values): void {
    this.waiting = values;
    this.after(TYPING_MS);
  }

  /** Whether something is typed that the server does not have. */
  get isUnsaved(): boolean {
    return this.waiting !== null || this.saving !== null;
  }

  /** Save at once what is not saved yet. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    await this.saving;
    if (this.waiting === null || this.held || this.closed) return;
    const values = this.waiting;
    this.waiting = null;
    this.saving = this.once(values);
    await this.saving;
    this.saving = null;
    if (this.waiting !== null && !this.closed && this.timer === undefined) this.after(TYPING_MS);
  }

  /** Save nothing for now, as what was typed is being submitted; comes back when no request is under way any more. */
  async hold(): Promise<void> {
    this.held = true;
    clearTimeout(this.timer);
    await this.saving;
  }

  /** Save again, as it was not taken. */
  goOn(): void {
    this.held = false;
    if (this.waiting !== null) this.after(TYPING_MS);
  }

  /** Forget what waits and save no more: the task is done, or the page is left. */
  close(): void {
    this.closed = true;
    this.waiting = null;
    clearTimeout(this.timer);
  }

  private after(milliseconds: number): void {
    clearTimeout(this.timer);
    if (this.held || this.closed) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, milliseconds);
  }

  private async once(values: Values): Promise<void> {
    this.say('saving');
    try {
      this.savedAt = await this.save(values);
      this.say('saved');
    } catch (error) {
      this.say('failed');
      // Of a task that is no longer mine no draft is kept, however often it is tried; a session can be renewed.
      const { mayPass, status } = asProblem(error);
      if (!mayPass && status !== 401) return;
      // What was typed meanwhile is newer.
      this.waiting ??= values;
      this.after(AGAIN_MS);
    }
  }

  private say(status: DraftState['status']): void {
    if (!this.closed) this.tell({ status, savedAt: this.savedAt });
  }
}
