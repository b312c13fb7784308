import { NEVER, type Observable, type Subscription } from 'rxjs';

/**
 * A subscriber as rxjs 7 keeps it. What ends with it, rxjs has no public question for; it is asked only when a call
 * is abandoned, and where the answer is missing nothing runs on.
 */
interface Link {
  readonly closed: boolean;
  readonly _finalizers?: readonly unknown[] | null;
}

/**
 * What goes on, whether or not anyone listens: the promises that an Observable waits for, as behind each interceptor
 * of Nest's, where the handler's own promise is. To unsubscribe closes such a subscriber, and stops nothing.
 *
 * To be called while `subscription` is open.
 *
 * @returns to be called once it is closed: resolves when the last of those has settled; undefined if there are none
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
 * A subscriber of a promise has nothing to stop. Nest's own, around a handler's promise, has a function that would stop
 * what that promise resolves with (`InterceptorsConsumer.transformDeferred`, since 11.1).
 */
function waitsForPromise({ _finalizers: finalizers }: Link): boolean {
  return (finalizers ?? []).every(
    (stop) => typeof stop === 'function' && NESTS_OWN.test(String(stop)),
  );
}

const NESTS_OWN = /\binnerSub\?\.unsubscribe\(\)/;

/** Whoever has a promise's value for a closed subscriber asks whether it is closed, or tells it nevertheless. */
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
  // Who nobody can tell anything any more waits for nothing: `NEVER`, or a promise that was forgotten.
  FORGOTTEN.register(link, heard);
  return settled;
}

/** Made apart from the link: the registry keeps `heard`, and by its scope what it is to see collected. */
function hearing(): { settled: Promise<void>; heard: () => void } {
  let heard: () => void = NOT_YET;
  const settled = new Promise<void>((resolve) => (heard = resolve));
  return { settled, heard };
}

const NOT_YET = () => {};

const FORGOTTEN = new FinalizationRegistry((heard: () => void) => heard());
