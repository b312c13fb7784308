import type { FromChild, ToChild } from './messages.js';

/** Does nothing if the process was started by hand, without a parent to talk to. */
export function tellParent(message: FromChild): void {
  // A send to a parent that is gone is ignored: `whenParentLeaves` tells.
  process.send?.(message, () => {});
}

/** Resolves when the parent says so. */
export function parentSays(type: ToChild['type']): Promise<void> {
  return new Promise((resolve) => {
    process.on('message', (message: ToChild) => {
      if (message.type === type) resolve();
    });
  });
}

/** The channel to the parent closes when the parent lets go of this process, and when it dies. */
export function whenParentLeaves(leave: () => void): void {
  process.once('disconnect', leave);
  // It may have left while this process was still loading its modules.
  if (process.send && !process.connected) leave();
}
