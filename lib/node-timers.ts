import { performance as node } from 'node:perf_hooks';
import timers from 'node:timers';
import { runInThisContext } from 'node:vm';
import { inNobodysContext } from './async-context.js';

/**
 * Node's own timers, captured when this module loads. Fake timers of a test (Jest, vitest, sinon) replace those of the
 * global object and of `node:timers` while the test runs. A client or a server on fake timers would stand still, with its
 * heartbeats and turns of the event loop, and stay so after the real timers return.
 *
 * An environment that installs fake timers before it loads this library (Jest's `enableGlobally`) does not reach these
 * either: Node's own modules still hold the originals.
 */
export const { clearTimeout, clearInterval } = timers;
const ofNodesTimers = { ...timers };

/*
 * Each callback runs in no caller's async context: an agent's timer serves all its calls, not the one that set it.
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

/** Milliseconds since 1970, by this machine's clock, which may be set at any time. */
export const wallClock: () => number = Date.now;

/** Milliseconds of a monotonic clock. */
export const monotonicNow: () => number = node.now.bind(node);

/**
 * Jest gives tests a copy of `process` whose `nextTick` may be fake from the start, however the module is loaded.
 * A function that runs in Node's own realm gets the real one.
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

/** Runs after the current operation, before the event loop continues. */
export function nextTick(run: () => void): void {
  inNobodysContext(nextTickOfNode, run);
}

const RESOLVED = Promise.resolve();

/**
 * Like `queueMicrotask`, in the caller's async context. No Node module exports `queueMicrotask`, so a fake one could not
 * be recognized.
 */
export function asMicrotask(run: () => void): void {
  void RESOLVED.then(run);
}
