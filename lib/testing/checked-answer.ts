import { isObservable, map } from 'rxjs';
import { checkedResult } from '../contract/checked-values.js';
import type { Contract } from '../contract/contract.js';
import { SchemaCheck } from '../contract/schema-check.js';
import type { ErrorLog } from '../nest/bounded-log.js';
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
    if (!results) return returned;
    if (!isObservable(returned)) return checkedResult(returned, results);
    return returned.pipe(map((value) => checkedResult(value, results)));
  };
}
