import { FreelanceError } from '../core/freelance-error.js';
import { badOptions } from '../nest/options/bad-options.js';
import { OptionReader } from '../nest/options/option-reader.js';
import { isPlainObject } from '../nest/options/plain-object.js';
import { shown } from '../nest/options/shown.js';
import type { Contract } from './contract.js';
import { checkContract } from './is-contract.js';

interface ListOptions<Registration> {
  readonly isGlobal?: boolean | undefined;
  readonly clients: readonly Registration[];
}

/** What every registration has. */
interface Named {
  readonly contract: unknown;
  readonly clientToken?: unknown;
}

/** A registration, and what its errors call it. */
export interface CheckedRegistration<Registration> {
  readonly given: Registration;
  readonly contracts: readonly Contract[];
  /** Its contracts, as in `orders, billing`. */
  readonly names: string;
}

/** Checks what a method of `ContractsModule` got, but for what is in the registrations beside the contracts. */
export function readRegistrations<Registration extends Named>(
  method: string,
  options: readonly Registration[] | ListOptions<Registration>,
): { readonly isGlobal: boolean; readonly all: readonly CheckedRegistration<Registration>[] } {
  const owner = `ContractsModule.${method}`;
  const given: ListOptions<Registration> = isList(options) ? { clients: options } : options;
  const read = new OptionReader<ListOptions<Registration>>(owner, given, ['isGlobal', 'clients']);
  const isGlobal = read.flag('isGlobal', false);
  if (!isList<Registration>(given.clients)) {
    throw read.bad('clients', 'must be a list', given.clients);
  }
  const all = given.clients.map((registration) => checked(owner, registration));
  checkNames(owner, all);
  checkTokens(owner, all);
  return { isGlobal, all };
}

function checked<Registration extends Named>(
  owner: string,
  given: Registration,
): CheckedRegistration<Registration> {
  if (!isPlainObject(given)) {
    throw badOptions(`${owner}: each client must be an object, but one is ${shown(given)}`);
  }
  const { contract } = given;
  const contracts: readonly unknown[] = isList(contract) ? contract : [contract];
  if (contracts.length === 0) throw badOptions(`${owner}: contract is an empty list`);
  const sound = contracts.map((each) => {
    checkContract(`${owner}: contract`, each);
    return each;
  });
  return { given, contracts: sound, names: sound.map(({ name }) => name).join(', ') };
}

/** Clients of contracts with one name would have one token. */
function checkNames(owner: string, all: readonly CheckedRegistration<unknown>[]): void {
  const known = new Map<string, Contract>();
  for (const contract of all.flatMap(({ contracts }) => contracts)) {
    const other = known.get(contract.name);
    if (other === contract) {
      throw badOptions(
        `${owner}: the contract ${contract.name} is registered twice. List all its servers in one registration`,
      );
    }
    if (other) {
      throw badOptions(
        `${owner}: two contracts have the name ${contract.name}. Give one of them another`,
      );
    }
    known.set(contract.name, contract);
  }
}

/** Of two providers with one token, Nest would forget the first. */
function checkTokens(owner: string, all: readonly CheckedRegistration<Named>[]): void {
  const known = new Set<unknown>();
  for (const { given, names } of all) {
    const { clientToken } = given;
    if (clientToken === undefined) continue;
    if (!['string', 'symbol', 'function'].includes(typeof clientToken)) {
      throw badOptions(
        `${owner}, ${names}: clientToken must be a string, a symbol or a class, but is ${shown(clientToken)}`,
      );
    }
    if (known.has(clientToken)) {
      throw badOptions(
        `${owner}, ${names}: another registration has the clientToken ${typeof clientToken === 'function' ? clientToken.name : shown(clientToken)}, too. Give one of them another`,
      );
    }
    known.add(clientToken);
  }
}

/** Runs what checks the options of a client, and has its error tell of which contract. */
export function namingContracts<Result>(names: string, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof FreelanceError)) throw error;
    throw new FreelanceError(error.code, `ContractsModule, ${names}: ${error.message}`, [], {
      cause: error,
    });
  }
}

function isList<Item>(value: unknown): value is readonly Item[] {
  return Array.isArray(value);
}
