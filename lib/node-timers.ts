import { performance as node } from 'node:perf_hooks';
import timers from 'node:timers';
import { runInThisContext } from 'node:vm';
import { inNobodysContext } from './async-context.js';

/**
 * Node's own timers, taken when this module loads. Fake timers of a test (Jest, vitest, sinon) replace those
 * of the global object, and of `node:timers`, while it runs: a client or a server that took them over would
 * stand still, its heartbeats and turns of the event loop with it, and stay so after the real ones return.
 *
 * A test environment that has fake timers on before it loads this library (Jest's `enableGlobally`) does not
 * reach these either: Node's modules hold the originals, there and then.
 */
export const { clearTimeout, clearInterval } = timers;
const ofNodesTimers = { ...timers };

/*
 * Each runs in nobody's async context: a timer of an agent serves all its calls, not the one that set it.
 */

export function setTimeout(run: () => void, ms: number): NodeJS.Timeout {
  return inNobodysContext(ofNodesTimers.setTimeout, run, ms);
}

export function setInterval(run: () => void, ms: number): NodeJS.Timeout {
  return inNobodysContext(ofNodesTimers.setInterval, run, ms);
}

export function setImmediate(run: () => void): NodeJS.Immediate {
  return inNobodysContext(ofNodesTimers.setImmediate, run);
}

/** Milliseconds of a clock that never goes back. */
export const monotonicNow: () => number = node.now.bind(node);

/**
 * Jest gives its tests a copy of `process`, with a `nextTick` that may be fake from the start, whichever way one asks for the
 * module. What runs in the realm of Node itself gets Node's own.
 */
function processOfNode(): NodeJS.Process {
  try {
    return (runInThisContext('process') as NodeJS.Process | undefined) ?? process;
  } catch {
    return process;
  }
}

const ofNode = processOfNode();

const nextTickOfNode: (run: () => void) => void = ofNode.nextTick.bind(ofNode);

/** Before the event loop waits for what is new, but after what runs now. */
export function nextTick(run: () => void): void {
  inNobodysContext(nextTickOfNode, run);
}

const RESOLVED = Promise.resolve();

/**
 * In the async context of who asks. As `queueMicrotask`, which no module of Node's exports, so that a fake one could
 * not be told.
 */
export function asMicrotask(run: () => void): void {
  void RESOLVED.then(run);
}
