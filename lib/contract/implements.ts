import { Logger } from '@nestjs/common';
import { BoundedLog } from '../nest/bounded-log.js';
import { isObject } from '../is-object.js';
import { badOptions } from '../nest/options/bad-options.js';
import { OptionReader } from '../nest/options/option-reader.js';
import { shown } from '../nest/options/shown.js';
import type { Contract } from './contract.js';
import { handleEntry } from './handle-entry.js';
import type { Class } from './handler-method.js';
import type { ContractHandlers } from './handlers.js';
import { checkContract } from './is-contract.js';

/** How a controller implements a contract. */
export interface ImplementsOptions {
  /**
   * Whether results are checked by their schemas. Payloads always are.
   *
   * @default false if `NODE_ENV` is `production` when the class is made, else true
   */
  readonly validateResults?: boolean | undefined;
}

/**
 * Classes that `@Implements()` takes: their instances have a handler for each entry.
 *
 * @typeParam Of the type of the contract
 */
export type ContractImplementation<Of extends Contract> = abstract new (
  ...args: never[]
) => ContractHandlers<Of>;

/**
 * Makes a controller serve a contract: each method of an entry's name handles that entry's pattern.
 *
 * ```ts
 * @Controller()
 * @Implements(orders)
 * class OrdersController {
 *   place(order: PlaceOrder, context: FreelanceContext): Receipt {
 *     return { id: context.getAttempt() };
 *   }
 * }
 * ```
 *
 * A handler gets the payload and the context. Where parameters are decorated, the first has to be, with `@Payload()`.
 * `@MessagePattern` and `@EventPattern` are not needed; a pattern that they name is served as well.
 *
 * @throws FreelanceError `BAD_OPTIONS`, naming contract, entry and class, if a method is missing or its parameters are
 *   decorated in another way, it handles an entry of another contract, or an option is wrong
 */
export function Implements<Of extends Contract>(
  contract: Of,
  options: ImplementsOptions = {},
): <Controller extends ContractImplementation<Of>>(controller: Controller) => void {
  checkContract('@Implements()', contract);
  const title = `@Implements(${contract.name})`;
  const read = new OptionReader<ImplementsOptions>(title, options, ['validateResults']);
  const checksResults = read.flag('validateResults', process.env['NODE_ENV'] !== 'production');
  const logger = new Logger('Contract');
  const log = new BoundedLog(() => logger);
  return (...decorated: unknown[]) => {
    const [target] = decorated;
    // A method's decorator gets a prototype, a key and a descriptor, and one of ECMAScript's decorators a context.
    if (isClass(target) && isObject(decorated[1])) {
      throw badOptions(
        `${title} on ${target.name || 'a class'}: all decorators of Nest need the compiler's option experimentalDecorators. Set it in tsconfig.json`,
      );
    }
    if (!isClass(target) || decorated.length > 1) {
      throw badOptions(`${title} is for a class, but decorates ${shown(decorated[1] ?? target)}`);
    }
    for (const key of Object.keys(contract.entries)) {
      const wrong = handleEntry(target, contract, key, { checksResults, log });
      if (wrong !== undefined) {
        throw badOptions(`${title} on ${target.name || 'a class'}, entry ${key}: ${wrong}`);
      }
    }
  };
}

function isClass(value: unknown): value is Class {
  return typeof value === 'function' && typeof value.prototype === 'object';
}
