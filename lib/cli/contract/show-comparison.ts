import { plainText } from '../../core/plain-text.js';
import type { Colours } from '../colours.js';
import type { OfferedInfo } from '../info/read-info.js';
import { table } from '../table.js';
import type { Comparison } from './compare-contract.js';

/** How a server differs from contracts, for people. */
export function showComparisons(
  endpoint: string,
  { id, state }: OfferedInfo,
  comparisons: readonly Comparison[],
  { colours, width }: { colours: Colours; width?: number | undefined },
): string {
  const parts = comparisons.map(({ contract, differences }) => {
    const name = colours.bold(plainText(contract.name));
    const entries = counted(Object.keys(contract.entries).length, 'entry', 'entries');
    if (differences.length === 0)
      return `${name}: ${colours.green('as in the contract')} (${entries})\n`;
    const count = counted(differences.length, 'difference', 'differences');
    const rows = differences.map(({ pattern, message }) => [`  ${pattern}`, message]);
    return `${name}: ${colours.red(count)}\n${table(rows, width)}`;
  });
  return `${colours.bold(endpoint)}  ${id}  ${state}\n${parts.join('')}`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
