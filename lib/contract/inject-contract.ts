import { Inject } from '@nestjs/common';
import type { Contract } from './contract.js';
import { checkContract } from './is-contract.js';

/**
 * The injection token of the client of a contract, as for `overrideProvider(getContractToken(orders))` in a test. It is text,
 * `ContractClient(orders)`: contracts with one name have one token.
 *
 * @throws FreelanceError `BAD_OPTIONS` unless it is a contract
 */
export function getContractToken(contract: Contract): string {
  checkContract('getContractToken', contract);
  return `ContractClient(${contract.name})`;
}

/**
 * Injects the client of a contract, which `ContractsModule` provides.
 *
 * ```ts
 * @Injectable()
 * class Shop {
 *   constructor(@InjectContract(orders) private readonly client: ContractClient<typeof orders>) {}
 * }
 * ```
 *
 * @throws FreelanceError `BAD_OPTIONS` unless it is a contract
 */
export function InjectContract(contract: Contract): PropertyDecorator & ParameterDecorator {
  checkContract('InjectContract', contract);
  return Inject(getContractToken(contract));
}
