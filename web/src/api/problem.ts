/** What went wrong with a request, as the server says it (`application/problem+json`, RFC 9457). */

export interface ProblemEntry {
  /** JSON pointer of the field, such as `/variables/amount`. */
  pointer?: string;
  code?: string;
  detail?: string;
  severity?: string;
  resource?: string;
  element?: string | null;
  line?: number | null;
  column?: number | null;
}

export interface ProblemDocument {
  status: number;
  code: string;
  title?: string;
  detail?: string;
  traceId?: string;
  errors?: ProblemEntry[];
  /** Those that `detail` names; the page tells what they are called. */
  usernames?: string[];
}

/** `status` 0 means that no answer came at all. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly traceId: string | undefined;
  readonly errors: readonly ProblemEntry[];
  readonly usernames: readonly string[];

  constructor(document: ProblemDocument) {
    super(document.detail ?? document.title ?? document.code);
    this.name = 'Problem';
    this.status = document.status;
    this.code = document.code;
    this.traceId = document.traceId || undefined;
    this.errors = document.errors ?? [];
    this.usernames = document.usernames ?? [];
  }

  /** Somebody else was first, or the thing has changed since it was read. */
  get isConflict(): boolean {
    return this.status === 409;
  }

  /** The request may be sent again as it is. */
  get mayPass(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** The errors of single fields: `{amount: '…'}` for the pointer `/variables/amount`. */
  fieldErrors(under = '/variables/'): Record<string, string> {
    const found: Record<string, string> = {};
    for (const { pointer, detail } of this.errors) {
      if (pointer?.startsWith(under) && detail) found[pointer.slice(under.length)] = detail;
    }
    return found;
  }
}

/** The problem that an unsuccessful answer tells of. */
export async function problemOf(response: Response): Promise<Problem> {
  const trace = response.headers.get('traceparent')?.split('-')[1];
  const text = await response.text();
  try {
    const document = JSON.parse(text) as Partial<ProblemDocument>;
    return new Problem({ code: 'http.error', traceId: trace, ...document, status: response.status });
  } catch {
    return new Problem({ status: response.status, code: 'http.error', title: response.statusText, traceId: trace });
  }
}

/** Anything that was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem({ status: 0, code: 'web.unexpected', detail: error instanceof Error ? error.message : String(error) });
}
