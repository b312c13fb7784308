import { deliverAll } from '../../agents/deliver-all.js';

type Aborted = (by: AbortSignal) => void;

/**
 * The calls that wait for each signal, behind one listener per signal: Node warns of a leak beyond ten. The listener goes
 * with the last call. `AbortSignal.any` is no alternative: a long-lived signal keeps something of each call that had it.
 */
const waiting = new WeakMap<AbortSignal, { calls: Set<Aborted>; listener: () => void }>();

/**
 * Calls back once when the first of the signals aborts; at once if one is aborted already.
 *
 * @returns stops listening to the signals
 */
export function onAbort(signals: readonly AbortSignal[], aborted: Aborted): () => void {
  const forget = () => {
    for (const signal of signals) leave(signal, tell);
  };
  const tell = (by: AbortSignal) => {
    forget();
    aborted(by);
  };
  const early = signals.find((signal) => signal.aborted);
  if (early) aborted(early);
  else for (const signal of signals) join(signal, tell);
  return forget;
}

function join(signal: AbortSignal, call: Aborted): void {
  const known = waiting.get(signal);
  if (known) {
    known.calls.add(call);
    return;
  }
  const calls = new Set([call]);
  const listener = () => deliverAll([...calls], (each) => calls.has(each) && each(signal));
  waiting.set(signal, { calls, listener });
  signal.addEventListener('abort', listener);
}

function leave(signal: AbortSignal, call: Aborted): void {
  const known = waiting.get(signal);
  if (!known?.calls.delete(call) || known.calls.size > 0) return;
  waiting.delete(signal);
  signal.removeEventListener('abort', known.listener);
}
