/** Runs `run` and answers what nobody caught meanwhile: each of it would end a real process. */
export async function uncaught(run: () => Promise<void>): Promise<unknown[]> {
  const caught: unknown[] = [];
  const note = (error: unknown) => caught.push(error);
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => [event, process.listeners(event as 'exit')] as const);
  for (const event of events) process.removeAllListeners(event).on(event, note);
  try {
    await run();
    // Rejections are told of once the microtasks of a turn are done, and what a timer of rxjs throws in a turn of its own.
    await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise(setImmediate);
  } finally {
    for (const [event, listeners] of before) {
      process.removeAllListeners(event);
      for (const listener of listeners) process.on(event, listener);
    }
  }
  return caught;
}
