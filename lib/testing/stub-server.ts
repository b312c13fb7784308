import type { Contract } from '../contract/contract.js';
import { isContract } from '../contract/is-contract.js';
import { badOptions } from '../nest/options/bad-options.js';
import { shown } from '../nest/options/shown.js';
import { Stub, type StubServer } from './stub.js';
import type { ContractStubAnswers, StubAnswer, StubAnswers } from './stub-answer.js';
import { entriesOf, PATTERNS } from './stub-subject.js';

/**
 * Starts a server that answers in place of a service, so that a test of its callers needs neither the service nor a port.
 *
 * ```ts
 * const stub = await stubServer({ 'orders.place': (order: Order) => ({ id: 1 }) });
 * const client = new FreelanceClientProxy({ endpoints: stub.endpoints });
 * ```
 *
 * What an answer throws arrives at the caller: an `RpcException` as from a handler, any other error with its message. A call
 * without an answer fails with an error that names its pattern; an event without one is logged. Both are recorded.
 *
 * @returns resolves once it listens
 * @throws FreelanceError `BAD_OPTIONS`, naming pattern or entry, if an answer is no function, a pattern is reserved, or the
 *   contract has no such entry
 */
export function stubServer(answers: StubAnswers): Promise<StubServer>;
/**
 * Starts a server that answers in place of the service that a contract describes.
 *
 * ```ts
 * const stub = await stubServer(orders, { place: (order) => ({ id: 1 }) });
 * ```
 *
 * @param contract as `contract` of `nestjs-freelance/contract` returns it
 * @param answers by entry; entries may be left out
 */
export function stubServer<Of extends Contract>(
  contract: Of,
  answers?: ContractStubAnswers<Of>,
): Promise<StubServer<Of>>;
export async function stubServer(
  subject: unknown,
  answers?: unknown,
): Promise<StubServer<Record<string, StubAnswer>>> {
  const stub = isContract(subject)
    ? new Stub(entriesOf(subject), answers ?? {})
    : untyped(subject, answers);
  await stub.listen();
  return stub;
}

function untyped(answers: unknown, second: unknown): Stub {
  if (second === undefined) return new Stub(PATTERNS, answers);
  throw badOptions(
    `stubServer: the first of two arguments must be a contract, but is ${shown(answers)}`,
  );
}
