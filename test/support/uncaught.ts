/** Runs `run` and returns all uncaught errors meanwhile, each of which would end a real process. */
export async function uncaught(run: () => Promise<void>): Promise<unknown[]> {
  const caught: unknown[] = [];
  const note = (error: unknown) => caught.push(error);
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => [event, process.listeners(event as 'exit')] as const);
  for (const event of events) process.removeAllListeners(event).on(event, note);
  try {
    await run();
    // Rejections are reported after the microtasks of a turn, and errors in timers of rxjs in a turn of their own.
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
