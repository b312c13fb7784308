import { hearAll } from '../../agents/hear-all.js';

type Aborted = (by: AbortSignal) => void;

/**
 * Who waits for each signal. Behind one listener, since Node takes more than ten for a leak; and of our own, which goes
 * with the last of them: of a signal that lives long, `AbortSignal.any` keeps some 60 bytes for each call that had it.
 */
const waiting = new WeakMap<AbortSignal, { calls: Set<Aborted>; listener: () => void }>();

/**
 * Calls back, once, when one of the signals aborts; at once, if one has.
 *
 * @returns lets go of the signals
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
  const listener = () => hearAll([...calls], (each) => calls.has(each) && each(signal));
  waiting.set(signal, { calls, listener });
  signal.addEventListener('abort', listener);
}

function leave(signal: AbortSignal, call: Aborted): void {
  const known = waiting.get(signal);
  if (!known?.calls.delete(call) || known.calls.size > 0) return;
  waiting.delete(signal);
  signal.removeEventListener('abort', known.listener);
}
