import { describeDrop } from '../../agents/drop-counter.js';
import type { ServerHandler } from '../../agents/server/server-handler.js';
import { inContextOfItsOwn } from '../../async-context.js';
import type { BoundedLog } from '../bounded-log.js';
import type { Listeners } from '../listeners.js';
import { nameOf } from '../../protocol/pattern-name.js';
import { drains, publish, serverDrops, serverRefusals } from '../../telemetry/channels.js';
import type { DrainMessage, DroppedMessage, RefusedMessage } from '../../telemetry/messages.js';
import type { HandlerRunner, ServerIdentity } from './handler-runner.js';
import type { Introspection } from './introspection.js';
import type { FreelanceServerEvents } from './server-events.js';

export interface ServerHandlerDeps {
  readonly runner: HandlerRunner;
  readonly introspection: Introspection;
  readonly log: BoundedLog;
  readonly events: Pick<Listeners<FreelanceServerEvents>, 'emit'>;
  readonly server: ServerIdentity;
  /** The agent has closed, and its addresses are free. */
  readonly left: () => void;
}

/**
 * What a server's agent calls: Nest's handlers run its calls and events, each in an async context of its own, unless they
 * are for introspection; the log and the user's listeners are told everything else.
 */
export function serverHandler({
  runner,
  introspection,
  log,
  events,
  server,
  left,
}: ServerHandlerDeps): ServerHandler {
  const publishDrain = (phase: DrainMessage['phase'], endpoints: readonly string[]) =>
    publish(drains, (): DrainMessage => ({ server: { id: server.id, endpoints }, phase }));
  return {
    handle: (call) =>
      introspection.isFor(call)
        ? introspection.answer(call)
        : inContextOfItsOwn(() => runner.handle(call)),
    event: (event) =>
      introspection.isFor(event)
        ? introspection.ignore(event)
        : inContextOfItsOwn(() => runner.event(event)),
    isReady: () => new Promise((resolve) => inContextOfItsOwn(() => resolve(runner.isReady()))),
    left: (endpoints) => {
      // One that was closed before it listened had nobody to leave.
      if (endpoints.length > 0) publishDrain('ended', endpoints);
      left();
    },
    draining: (endpoints) => publishDrain('began', endpoints),
    declined: (reason, pattern) => {
      // An overloaded server makes nothing that nobody wants.
      if (!serverRefusals.hasSubscribers) return;
      const { id, endpoints } = server;
      const named = pattern && nameOf(pattern);
      const message: RefusedMessage = { server: { id, endpoints }, reason, pattern: named };
      serverRefusals.publish(message);
    },
    refused: (who) => log.warn('refused', `A client was refused, ${who}: ${WHY_REFUSED}`),
    undecided: (error) => log.error('authorizer', error),
    acceptFailed: (error) => log.error('accept', error),
    dropped: (reason) => {
      log.debug('dropped', `Dropped a message: ${describeDrop(reason)}. stats() counts them all.`);
      publish(serverDrops, (): DroppedMessage => ({ id: server.id, reason, endpoint: undefined }));
    },
    failed: (error) => {
      log.error('socket', error);
      events.emit('error', error);
    },
  };
}

const WHY_REFUSED =
  'its key, certificate or password is not authorized here, or not that of the name it claims. stats().unauthorized counts them all.';
