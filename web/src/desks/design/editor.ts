/** What every editor of a file does for the page around it. */
import type { Ref } from 'react';

import type { Finding } from './api';

export interface EditorHandle {
  /** The file as it is now. */
  read(): Promise<string>;
  /** Its picture, where it is a diagram. */
  picture?(): Promise<string>;
  /** Show the element that something is said of. */
  show?(elementId: string): void;
  /** Remove what a finding is said of, so that it can be undone; false where that is not to be found. */
  cure?(finding: Finding): boolean;
  undo?(): void;
  redo?(): void;
}

export interface EditorProps {
  ref?: Ref<EditorHandle>;
  /** The file; a new identity opens it anew. */
  content: string;
  /** What the server finds in it. */
  findings: readonly Finding[];
  /** Another panel stands beside the editor and takes of its room. */
  isBeside: boolean;
  /** Something has been changed by a person. */
  onChange: () => void;
  /** The file could not be opened, or opens only to be read: said by the page. */
  onOpened: (outcome: Opened) => void;
}

export interface Opened {
  failure?: unknown;
  /** Saving would lose these, so it is only shown. */
  readOnlyFor?: readonly string[];
  /** The editor has been loaded in another language: the page must be loaded again. */
  outdated?: boolean;
}
