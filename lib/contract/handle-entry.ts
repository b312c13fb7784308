import { UseInterceptors, UsePipes } from '@nestjs/common';
import { EventPattern, MessagePattern, Transport } from '@nestjs/microservices';
import type { ErrorLog } from '../nest/bounded-log.js';
import { AtMostOnce } from '../nest/server/at-most-once.js';
import { nameOf } from '../protocol/pattern-name.js';
import type { Pattern } from '../protocol/headers.js';
import type { Contract } from './contract.js';
import type { ContractEntry } from './entries.js';
import { type Class, handlerMethod, ownMethod } from './handler-method.js';
import { bindParameters } from './handler-parameters.js';
import { EVENT_HANDLER, HANDLER_TYPE, PATTERNS, TRANSPORT } from './nest-metadata.js';
import { PayloadPipe } from './payload-pipe.js';
import { ResultInterceptor } from './result-interceptor.js';
import { SchemaCheck } from './schema-check.js';

/** What all entries of a controller share. */
export interface HandlerOptions {
  readonly checksResults: boolean;
  readonly log: Pick<ErrorLog, 'error'>;
}

/** An entry, and the class whose method handles it. */
interface HandledEntry {
  readonly target: Class;
  readonly contract: Contract;
  readonly key: string;
}

/** On a method: the entry that it handles. Shared by all copies of this library. */
const HANDLED_ENTRY = Symbol.for('nestjs-freelance:handledEntry');

/**
 * Makes a method of a class the handler of an entry, by Nest's own decorators.
 *
 * @returns what is wrong, and what to do; undefined if nothing is
 */
export function handleEntry(
  target: Class,
  contract: Contract,
  key: string,
  options: HandlerOptions,
): string | undefined {
  const found = handlerMethod(target, key);
  if (typeof found === 'string') return found;
  const prototype = target.prototype as object;
  const handled = Reflect.getMetadata(HANDLED_ENTRY, found) as HandledEntry | undefined;
  if (handled) return whatIsWrongWithBoth(handled, { target, contract, key });
  const wrong = whatIsWrong(contract, key, found) ?? bindParameters(target, key, found.length);
  if (wrong !== undefined) return wrong;

  const method = ownMethod(target, key, found);
  const entry: HandledEntry = { target, contract, key };
  Reflect.defineMetadata(HANDLED_ENTRY, entry, method);
  for (const decorate of decorators(contract, key, method, options)) {
    decorate(prototype, key, { value: method });
  }
  return undefined;
}

/** A method that handles an entry already is to handle one, perhaps the same. */
function whatIsWrongWithBoth(
  handled: HandledEntry,
  { target, contract, key }: HandledEntry,
): string | undefined {
  const { name } = contract;
  if (handled.contract.name !== name) {
    return `its method handles ${handled.contract.name}.${handled.key} as well. Rename one of the entries, and set its option pattern to keep its pattern`;
  }
  if (handled.contract !== contract) {
    return `its method handles ${name}.${handled.key} of another contract, or of another copy of this one. Give them different names, or load one copy`;
  }
  if (handled.key !== key) {
    return `its method handles ${name}.${handled.key} as well. Give each a method of its own`;
  }
  // A base class that implements the contract has done it.
  if (!Object.hasOwn(target.prototype as object, key)) return undefined;
  return handled.target === target
    ? 'the decorator is there twice. Remove one'
    : `its method is that of ${handled.target.name || 'another class'}, as the same function. Inherit it, or write one that calls it`;
}

function whatIsWrong(contract: Contract, key: string, method: object): string | undefined {
  const type = Reflect.getMetadata(HANDLER_TYPE, method) as number | undefined;
  if (type === undefined) return undefined;
  if (Reflect.getMetadata(TRANSPORT, method) === Transport.GRPC) {
    return 'its method is for gRPC alone. Give the contract a method of its own';
  }
  const isEvent = contract.entries[key]?.kind === 'event';
  if (isEvent === (type === EVENT_HANDLER)) return undefined;
  return isEvent
    ? 'it is an event, but its method has @MessagePattern. Remove that, or make the entry an rpc'
    : 'it is a call, but its method has @EventPattern. Remove that, or make the entry an event';
}

function* decorators(
  contract: Contract,
  key: string,
  method: object,
  { checksResults, log }: HandlerOptions,
): Iterable<MethodDecorator> {
  const { kind, options } = contract.entries[key] as ContractEntry;
  const { atMostOnce, description, payload, result } = options;
  // The method may have patterns of its own, and may be for one transport alone.
  const pattern = contract.patterns[key] as Pattern;
  const given = [(Reflect.getMetadata(PATTERNS, method) ?? []) as Pattern | Pattern[]].flat();
  const others = given.filter((other) => nameOf(other) !== nameOf(pattern));
  const transport = Reflect.getMetadata(TRANSPORT, method) as symbol | undefined;
  const ServedPattern = kind === 'event' ? EventPattern : MessagePattern;
  yield ServedPattern([pattern, ...others], transport as symbol, {
    ...(description !== undefined && { description }),
  });
  if (atMostOnce) yield AtMostOnce();

  const name = { contract: contract.name, entry: key, isEvent: kind === 'event' };
  if (payload) yield UsePipes(new PayloadPipe(new SchemaCheck(name, 'payload', payload, log)));
  if (result && checksResults) {
    yield UseInterceptors(new ResultInterceptor(new SchemaCheck(name, 'result', result, log)));
  }
}
