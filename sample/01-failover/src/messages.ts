import type { ClientStats } from 'nestjs-freelance';

/** What a child process tells its parent. */
export type FromChild =
  /** The server listens, the client has found a server, the freezer has frozen. */
  | { type: 'ready' }
  /** Where the live page is. */
  | { type: 'page'; url: string }
  | ({ type: 'sighting' } & Sighting)
  | ({ type: 'report' } & Report)
  /** The client has no call open any more. */
  | { type: 'finished' };

/** What the parent tells the client. */
export type ToChild = { type: 'finish' };

/** A server changed its state, as the client sees it. */
export interface Sighting {
  readonly endpoint: string;
  readonly event: 'up' | 'suspect' | 'down';
  readonly reason: string;
  readonly at: number;
}

/** The servers as the client sees them, and the outcomes of its calls since the last report. */
export interface Report {
  readonly stats: ClientStats;
  readonly outcomes: readonly Outcome[];
}

export type Outcome = Answer | Failure;

export interface Answer extends Ended {
  readonly server: string;
  /** More than 1 if another server had the call before. */
  readonly attempt: number;
}

export interface Failure extends Ended {
  /** The code of a `FreelanceError`, or `HANDLER` for what a handler has thrown. */
  readonly code: string;
  readonly message: string;
}

interface Ended {
  /** How long the caller waited. */
  readonly ms: number;
  /** In wall-clock time, which all processes of a machine share. */
  readonly endedAt: number;
}
