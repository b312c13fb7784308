import type { Pattern, RefusalReason } from '../../protocol/headers.js';
import type { DropReason } from '../drop-counter.js';
import type { ServerCall } from './server-call.js';
import type { ServerEvent } from './server-event.js';

/** Runs the calls and events of a server, and hears what happens to it. None of these may throw. */
export interface ServerHandler {
  handle(call: ServerCall): void;
  /** Has to call `event.over()` when all handlers have ended. */
  event(event: ServerEvent): void;
  /** Whether the server can take calls. */
  isReady(): Promise<boolean>;
  /** A call or an event was refused. @param pattern undefined where the dialect has it inside the body, which is not read */
  declined(reason: RefusalReason, pattern: Pattern | undefined): void;
  /** The server begins to leave. It may have left when this is told. @param endpoints at which it listens */
  draining(endpoints: readonly string[]): void;
  /** A client was refused. @param who for people; not escaped */
  refused(who: string): void;
  /** Whether a client may connect could not be decided. */
  undecided(error: unknown): void;
  dropped(reason: DropReason): void;
  /** A connection could not be accepted: there is no file descriptor left. */
  acceptFailed(error: unknown): void;
  /** The socket can no longer receive. */
  failed(error: unknown): void;
  /** The server is closed, and its addresses are free. Called once. @param endpoints at which it listened; none if it did not */
  left(endpoints: readonly string[]): void;
}
