import { AsyncResource } from 'node:async_hooks';

/*
 * `AsyncLocalStorage` passes a context from the code that starts an operation to everything that follows from it. Many
 * requests share a client or a server: what it starts for itself must not carry the context of the request that happened
 * to start it, and the outcome of a call belongs to the context of its caller.
 *
 * `AsyncResource` is used directly because `AsyncLocalStorage.snapshot()` and `AsyncResource.bind()` are far slower on
 * Node 20.
 */

/** The async context in which this object was created. */
export class AsyncContext extends AsyncResource {
  constructor() {
    super('FREELANCE');
  }

  /** Keeps no process alive: `jest --detectOpenHandles` asks, and lists every resource that cannot answer. */
  hasRef(): boolean {
    return false;
  }

  /** Runs the function in that context. */
  run<Arguments extends unknown[], Result>(
    body: (...given: Arguments) => Result,
    ...given: Arguments
  ): Result {
    return this.runInAsyncScope(body, undefined, ...given);
  }

  /** Wraps the function so that it always runs in that context. */
  bound<Arguments extends unknown[], Result>(
    body: (...given: Arguments) => Result,
  ): (...given: Arguments) => Result {
    return (...given) => this.run(body, ...given);
  }
}

/** Wraps a user's listener: it runs in the context in which it was registered, and each call leaves that context intact. */
export function boundListener<Arguments extends unknown[]>(
  listener: (...told: Arguments) => void,
): (...told: Arguments) => void {
  return new AsyncContext().bound((...told: Arguments) =>
    new AsyncContext().run(listener, ...told),
  );
}

/** The context in which this module was loaded, before any user code called it. */
const NOBODYS = new AsyncContext();

/** For what a client or a server does for itself: timers, turns of the loop, sockets. Never for user code. */
export function inNobodysContext<Arguments extends unknown[], Result>(
  body: (...given: Arguments) => Result,
  ...given: Arguments
): Result {
  return NOBODYS.run(body, ...given);
}

/**
 * For a handler, which runs in a context of its own: whatever it enters by `AsyncLocalStorage.enterWith` ends with it.
 */
export function inContextOfItsOwn(body: () => void): void {
  NOBODYS.run(runFresh, body);
}

function runFresh(body: () => void): void {
  new AsyncContext().run(body);
}
