import { AsyncContext } from '../async-context.js';
import { guarded } from '../core/guarded.js';

type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };

const guardedSignals = new WeakSet<AbortSignal>();

/**
 * Wraps the listeners of a handler's signal, so that what they throw or reject with goes to `failed`. Without that, Node
 * rethrows it from the event loop, and a caller that leaves would end the server's process.
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
      // In the async context of the handler that adds it, not in that of whatever aborts the signal.
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
