import { isAsyncIterable } from '../nest/server/values-of.js';
import { withNext } from '../nest/server/with-next.js';
import type { SchemaCheck } from './schema-check.js';

/** What a handler returned: a value, or an async iterable, whose values are checked as they are read. None is changed. */
export function checkedResult(value: unknown, check: SchemaCheck): unknown {
  if (isAsyncIterable(value)) return checkedValues(value, check);
  check.run(value);
  return value;
}

/** The values of an iterable, each checked when it is asked for: whoever reads slowly slows the source, as without a check. */
export function checkedValues(
  source: AsyncIterable<unknown>,
  check: SchemaCheck,
): AsyncIterable<unknown> {
  return { [Symbol.asyncIterator]: () => checked(source[Symbol.asyncIterator](), check) };
}

function checked(source: AsyncIterator<unknown>, check: SchemaCheck): AsyncIterator<unknown> {
  return withNext(source, async () => {
    const step = await source.next();
    if (step.done) return step;
    try {
      check.run(step.value);
    } catch (invalid) {
      await end(source, check);
      throw invalid;
    }
    return step;
  });
}

/** Lets the source clean up. The caller hears of the invalid value, not of what fails after it. */
async function end(source: AsyncIterator<unknown>, check: SchemaCheck): Promise<void> {
  try {
    await source.return?.();
  } catch (error) {
    check.logLate(error);
  }
}
