import { AsyncContext } from '../../async-context.js';
import { guarded } from '../listener.js';

type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };

const guardedSignals = new WeakSet<AbortSignal>();

/**
 * What listeners of this signal throw, or reject with, goes to `failed`. Node throws it into the event loop, where
 * it would end the process: for a caller that left, and whose handler is stopped.
 *
 * @returns the same signal
 */
export function guardListeners(signal: AbortSignal, failed: (error: unknown) => void): AbortSignal {
  if (guardedSignals.has(signal)) return signal;
  guardedSignals.add(signal);
  const wrappers = new WeakMap<Listener, (event: Event) => void>();
  const wrapped = (listener: Listener | null) => {
    if (listener === null || (typeof listener !== 'function' && typeof listener !== 'object')) {
      return listener;
    }
    let wrapper = wrappers.get(listener);
    if (!wrapper) {
      const tell = (event: Event) =>
        typeof listener === 'function' ? listener.call(signal, event) : listener.handleEvent(event);
      // Whoever aborts it is another call, or nobody: the listener is its handler's.
      wrapper = new AsyncContext().bound(guarded(tell, failed));
      wrappers.set(listener, wrapper);
    }
    return wrapper;
  };
  for (const method of ['addEventListener', 'removeEventListener'] as const) {
    const native = signal[method].bind(signal) as (...given: unknown[]) => void;
    const value = (type: string, listener: Listener | null, ...options: unknown[]) =>
      native(type, wrapped(listener), ...options);
    Object.defineProperty(signal, method, { value, configurable: true, writable: true });
  }
  let handler: Listener | null = null;
  const native = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'onabort');
  Object.defineProperty(signal, 'onabort', {
    configurable: true,
    get: () => handler,
    set: (given: Listener | null) => {
      handler = given;
      native?.set?.call(signal, wrapped(given));
    },
  });
  return signal;
}
