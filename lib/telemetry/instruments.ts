import { FreelanceError } from '../core/freelance-error.js';
import { guarded } from '../core/guarded.js';
import { hookFailure } from '../core/hook-failure.js';
import { sharedValue } from '../shared-value.js';
import type { ClientAttemptMessage, ClientCallMessage, ServerCallMessage } from './messages.js';

/** A hook around a call. It must call `next` before it returns: what `next` runs, and what follows from that, is in the async context of the hook. */
export type AroundHook<Message> = (call: Message, next: () => void) => void;

/** Hooks around the calls of all clients and servers of this process, for what no channel can do: to make a span the active one. */
export interface FreelanceInstrument {
  /** Around the start of a call or an event of a client, its serializer included. */
  readonly aroundClientCall?: AroundHook<ClientCallMessage> | undefined;
  /**
   * Before an attempt is written: it may replace values of `metadata` for this attempt. It runs while the client is about to
   * send, so it should only set text: an attempt that begins meanwhile, of a call that a hook makes, is not shown to hooks.
   */
  readonly beforeClientAttempt?: ((attempt: ClientAttemptMessage) => void) | undefined;
  /** Around the run of a handler with its guards, interceptors, pipes and filters. */
  readonly aroundServerCall?: AroundHook<ServerCallMessage> | undefined;
}

const instruments = sharedValue('instruments', () => new Set<FreelanceInstrument>());

/**
 * Adds hooks around the calls of all clients and servers of this process, from now on; the hooks added first are the outer
 * ones. What a hook throws is logged, and so is that it did not call `next`; the call goes on in either case.
 *
 * @returns removes them
 * @throws FreelanceError `BAD_OPTIONS` if there is no hook, or one is not a function
 */
export function instrument(added: FreelanceInstrument): () => void {
  const {
    aroundClientCall: client,
    beforeClientAttempt: attempt,
    aroundServerCall: server,
  } = added;
  const given = [client, attempt, server].filter((hook) => hook !== undefined);
  if (given.length === 0 || given.some((hook) => typeof hook !== 'function'))
    throw new FreelanceError('BAD_OPTIONS', NO_HOOKS);
  // A new object each time: the same hooks may be added twice.
  const own = {
    aroundClientCall: client?.bind(added),
    beforeClientAttempt: attempt?.bind(added),
    aroundServerCall: server?.bind(added),
  };
  instruments.add(own);
  return () => void instruments.delete(own);
}

export function hasInstruments(): boolean {
  return instruments.size > 0;
}

/** @param failed gets what hooks do wrong, for the log: an error, or a text */
export function aroundClientCall(
  call: ClientCallMessage,
  run: () => void,
  failed: (what: unknown) => void,
): void {
  const kind = 'aroundClientCall';
  within(hooksOf(kind), { kind, call, failed }, run);
}

let isBeforeAttempt = false;

/**
 * Does nothing while it runs already: a hook that makes calls would be asked about these, without an end.
 *
 * @param failed gets what hooks throw, for the log
 */
export function beforeClientAttempt(
  attempt: ClientAttemptMessage,
  failed: (error: unknown) => void,
): void {
  if (isBeforeAttempt) return;
  isBeforeAttempt = true;
  try {
    askBeforeAttempt(attempt, failed);
  } finally {
    isBeforeAttempt = false;
  }
}

function askBeforeAttempt(attempt: ClientAttemptMessage, failed: (error: unknown) => void): void {
  const hookFailed = (error: unknown) => failed(hookFailure(nameOf('beforeClientAttempt'), error));
  for (const { beforeClientAttempt: hook } of instruments)
    if (hook) guarded(hook, hookFailed)(attempt);
}

/** @param failed gets what hooks do wrong, for the log: an error, or a text */
export function aroundServerCall(
  call: ServerCallMessage,
  run: () => void,
  failed: (what: unknown) => void,
): void {
  const kind = 'aroundServerCall';
  within(hooksOf(kind), { kind, call, failed }, run);
}

type Around = 'aroundClientCall' | 'aroundServerCall';

/** The hooks of that kind, those added first before the others. */
function hooksOf<Kind extends Around>(kind: Kind): NonNullable<FreelanceInstrument[Kind]>[] {
  const hooks: NonNullable<FreelanceInstrument[Kind]>[] = [];
  for (const { [kind]: hook } of instruments) if (hook) hooks.push(hook);
  return hooks;
}

/** A call, and where to report what hooks do wrong. */
interface Surrounded<Message> {
  readonly kind: Around;
  readonly call: Message;
  readonly failed: (what: unknown) => void;
}

/** What `run` itself throws is thrown to the caller, and not to the hooks. */
function within<Message extends { readonly pattern: string }>(
  hooks: AroundHook<Message>[],
  surrounded: Surrounded<Message>,
  run: () => void,
): void {
  if (hooks.length === 0) return run();
  let thrown: { readonly error: unknown } | undefined;
  const innermost = () => {
    try {
      run();
    } catch (error) {
      thrown = { error };
    }
  };
  let outermost = innermost;
  for (const hook of hooks.toReversed()) {
    const inner = outermost;
    outermost = () => around(hook, surrounded, inner);
  }
  outermost();
  if (thrown) throw thrown.error;
}

function around<Message extends { readonly pattern: string }>(
  hook: AroundHook<Message>,
  { kind, call, failed }: Surrounded<Message>,
  inner: () => void,
): void {
  let hasRun = false;
  let hasFailed = false;
  const next = () => {
    if (hasRun) return;
    hasRun = true;
    inner();
  };
  const hookFailed = (error: unknown) => {
    hasFailed = true;
    failed(hookFailure(nameOf(kind), error));
  };
  guarded(hook, hookFailed)(call, next);
  // An async function has called `next` before it awaited anything, or too late.
  if (!hasRun && !hasFailed) failed(noNext(kind, call.pattern));
  next();
}

function nameOf(kind: keyof FreelanceInstrument): string {
  return `${kind}, added by instrument(),`;
}

function noNext(kind: Around, pattern: string): string {
  return (
    `The hook ${nameOf(kind)} returned without having called next(): ${JSON.stringify(pattern)} goes on outside of it. A hook ` +
    'calls next() before it returns; if it is async, before its first await.'
  );
}

const NO_HOOKS =
  'instrument() takes an object with at least one of the functions aroundClientCall, beforeClientAttempt and aroundServerCall.';
