import { isObservable, map } from 'rxjs';
import { checkedValues } from '../contract/checked-values.js';
import type { Contract } from '../contract/contract.js';
import { SchemaCheck } from '../contract/schema-check.js';
import type { ErrorLog } from '../nest/bounded-log.js';
import { isAsyncIterable } from '../nest/server/values-of.js';
import type { StubAnswer } from './stub-answer.js';

/**
 * The answer of an entry, between its schemas, as `@Implements` puts handlers: a caller whose payload the service would refuse
 * is refused by its stub, too.
 */
export function checkedAnswer(
  { name: contract, entries }: Contract,
  entry: string,
  answer: StubAnswer,
  log: Pick<ErrorLog, 'error'>,
): StubAnswer {
  const { payload, result } = entries[entry]?.options ?? {};
  const name = { contract, entry };
  const payloads = payload && new SchemaCheck(name, 'payload', payload, log);
  const results = result && new SchemaCheck(name, 'result', result, log);
  return async (data, context) => {
    const returned = await answer(payloads ? payloads.run(data) : data, context);
    return results ? checkedResult(returned, results) : returned;
  };
}

function checkedResult(returned: unknown, results: SchemaCheck): unknown {
  if (isObservable(returned)) return returned.pipe(map((value) => checkedResult(value, results)));
  if (isAsyncIterable(returned)) return checkedValues(returned, results);
  results.run(returned);
  return returned;
}
