import { NEVER, type Observable, type Subscription } from 'rxjs';

/**
 * A subscriber of rxjs 7 with its private list of finalizers: there is no public way to ask what a subscription would
 * stop. It is read only when a call is abandoned; without the list nothing is taken to run on.
 */
interface Link {
  readonly closed: boolean;
  readonly _finalizers?: readonly unknown[] | null;
}

/**
 * Finds the promises that an Observable waits for, such as the handler's own promise behind Nest's interceptors.
 * Unsubscribing closes their subscribers, but does not stop the promises. Call it while `subscription` is open.
 *
 * @returns to be called once the subscription is closed: resolves when the last promise has settled; undefined if there
 *   is none
 */
export function findUnstoppable(
  values: Observable<unknown>,
  subscription: Subscription,
): (() => Promise<unknown>) | undefined {
  if (rootOf(values) === NEVER) return undefined;
  const waiting = [...leavesOf(subscription as unknown as Link)].filter(waitsForPromise);
  return waiting.length === 0 ? undefined : () => Promise.all(waiting.map(untilHeard));
}

function rootOf(values: Observable<unknown>): Observable<unknown> {
  let root = values;
  while (root.source) root = root.source;
  return root;
}

function* leavesOf(link: Link): Generator<Link> {
  const links = (link._finalizers ?? []).filter(isLink);
  if (links.length === 0 && !link.closed) yield link;
  for (const each of links) yield* leavesOf(each);
}

function isLink(finalizer: unknown): finalizer is Link {
  return typeof finalizer === 'object' && finalizer !== null && 'next' in finalizer;
}

/**
 * Whether a subscriber waits for a promise: it has no finalizer, or only that of Nest's own Observable around a handler's
 * promise, which would stop what the promise resolves with (`InterceptorsConsumer.transformDeferred`, since 11.1).
 */
function waitsForPromise({ _finalizers: finalizers }: Link): boolean {
  return (finalizers ?? []).every(
    (stop) => typeof stop === 'function' && NESTS_OWN.test(String(stop)),
  );
}

const NESTS_OWN = /\binnerSub\?\.unsubscribe\(\)/;

/** Resolves once the promise has settled: its callback then asks the closed subscriber if it is closed, or notifies it. */
function untilHeard(link: Link): Promise<void> {
  const { settled, heard } = hearing();
  const isClosed = () => {
    heard();
    return true;
  };
  Object.defineProperties(link, {
    closed: { get: isClosed },
    next: { value: heard },
    error: { value: heard },
    complete: { value: heard },
  });
  // A subscriber that was collected waits for nothing: for `NEVER`, or a promise that can no longer settle.
  FORGOTTEN.register(link, heard);
  return settled;
}

/** A function of its own: the registry keeps `heard` and its scope alive, which must not contain the link. */
function hearing(): { settled: Promise<void>; heard: () => void } {
  let heard: () => void = NOT_YET;
  const settled = new Promise<void>((resolve) => (heard = resolve));
  return { settled, heard };
}

const NOT_YET = () => {};

const FORGOTTEN = new FinalizationRegistry((heard: () => void) => heard());
