import type { Contract } from '../../contract/contract.js';
import { isContract } from '../../contract/is-contract.js';
import { membersOf } from '../../is-object.js';
import { UsageError } from '../cli-error.js';
import type { Exports } from './import-module.js';

/** A contract, and the name by which its module exports it. */
export interface ExportedContract {
  readonly exportName: string;
  readonly contract: Contract;
}

/**
 * The contracts that a module exports, in the order of their exports' names.
 *
 * @param file as the user has named it
 * @throws UsageError if there are none
 */
export function exportedContracts(exports: Exports, file: string): readonly ExportedContract[] {
  const found = new Map<Contract, string>();
  const all = namedExports(exports);
  for (const [exportName, value] of all)
    if (isContract(value) && !found.has(value)) found.set(value, exportName);
  if (found.size === 0) {
    // The default export of a CommonJS module has the same names once more.
    const names = [...new Set(all.map(([name]) => name))];
    const what = names.length === 0 ? 'It exports nothing.' : `It exports ${names.join(', ')}.`;
    throw new UsageError(
      `${file} exports no contract. ${what} One is made by contract() of nestjs-freelance/contract: export const orders = contract('orders', { … })`,
    );
  }
  return Array.from(found, ([contract, exportName]) => ({ exportName, contract })).toSorted(
    (one, other) => (one.exportName < other.exportName ? -1 : 1),
  );
}

/**
 * Those of the given names; all without names.
 *
 * @throws UsageError if there is no such export, or if two contracts have one name
 */
export function chosenContracts(
  all: readonly ExportedContract[],
  names: readonly string[],
  file: string,
): readonly Contract[] {
  const unknown = names.find((name) => all.every(({ exportName }) => exportName !== name));
  if (unknown !== undefined) {
    const known = all.map(({ exportName }) => exportName).join(', ');
    throw new UsageError(
      `--export ${unknown}: ${file} exports no contract of that name, but ${known}`,
    );
  }
  const chosen = all.filter(({ exportName }) => names.length === 0 || names.includes(exportName));
  const byName = new Map<string, string>();
  for (const { exportName, contract } of chosen) {
    const other = byName.get(contract.name);
    if (other !== undefined) {
      throw new UsageError(
        `${file} exports two contracts with the name ${contract.name}, as ${other} and as ${exportName}: choose one by --export`,
      );
    }
    byName.set(contract.name, exportName);
  }
  return chosen.map(({ contract }) => contract);
}

/** Names that say nothing. Node also lists the exports of CommonJS under them. */
const UNNAMED: ReadonlySet<string> = new Set(['default', 'module.exports', '__esModule']);

function namedExports(exports: Exports): readonly (readonly [name: string, value: unknown])[] {
  const own = Object.entries(exports);
  // Of CommonJS, Node finds only the exports that it can see without running the file.
  const ofCommonJs = Object.entries(membersOf(exports['default']));
  const named = [...own, ...ofCommonJs].filter(([name]) => !UNNAMED.has(name));
  // Last, so that a contract goes by its name if it has one.
  return [...named, ...own.filter(([name]) => name === 'default')];
}
