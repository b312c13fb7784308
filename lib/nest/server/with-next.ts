/**
 * An iterator with another `next()`, for an iterable whose values are checked, or whose errors are told in another way. Not a
 * generator: its `return()` would wait for the value that `next()` waits for.
 */
export function withNext(
  source: AsyncIterator<unknown>,
  next: () => Promise<IteratorResult<unknown>>,
): AsyncIterator<unknown> {
  const iterator: AsyncIterator<unknown> = { next };
  // Those who leave early look for them: an iterator without `return` ends with its next value.
  if (source.return) iterator.return = async (value) => (await source.return?.(value)) ?? DONE;
  if (source.throw) iterator.throw = async (error) => (await source.throw?.(error)) ?? DONE;
  return iterator;
}

const DONE: IteratorResult<unknown> = { done: true, value: undefined };
