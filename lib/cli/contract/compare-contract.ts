import type { Contract } from '../../contract/contract.js';
import type { EntryKind } from '../../contract/entries.js';
import { plainText } from '../../core/plain-text.js';
import type { Pattern } from '../../protocol/headers.js';
import { nameOf } from '../../protocol/pattern-name.js';
import { type ListedPattern, listedPatterns, type ListedPatterns } from './listed-patterns.js';

/** How a server and a contract differ in one pattern. */
export interface ContractDifference {
  /**
   * `missing`: the server has no handler; `kind`: it has one for events where the contract has a call, or the reverse;
   * `at-most-once`: only one of the two says that the handler must not run twice; `extra`: the contract has no such entry;
   * `unlisted`: the server has told too few of its patterns.
   */
  readonly code: 'missing' | 'kind' | 'at-most-once' | 'extra' | 'unlisted';
  /** The entry, such as `place`; none has it if it is `extra`. */
  readonly entry?: string;
  readonly pattern: string;
  /** For people. */
  readonly message: string;
}

/** A contract, and how a server differs from it. */
export interface Comparison {
  readonly contract: Contract;
  readonly differences: readonly ContractDifference[];
}

/**
 * Compares what a server has told with contracts.
 *
 * @param answer to `$freelance.info`
 * @param all contracts that are known, also those that are not compared
 */
export function compareContracts(
  {
    contracts,
    all,
  }: { readonly contracts: readonly Contract[]; readonly all: readonly Contract[] },
  answer: unknown,
): readonly Comparison[] {
  const listed = listedPatterns(answer);
  return contracts.map((contract) => ({
    contract,
    differences: compareContract(contract, listed, all),
  }));
}

type WireKind = 'call' | 'event';

const WIRE_KINDS: Readonly<Record<EntryKind, WireKind>> = {
  rpc: 'call',
  stream: 'call',
  event: 'event',
};

/** What the server does not tell, as other implementations may not, does not count. */
function compareContract(
  contract: Contract,
  listed: ListedPatterns,
  all: readonly Contract[],
): readonly ContractDifference[] {
  const entries = Object.entries(contract.entries);
  return [
    ...entries.flatMap(([entry, { kind, options }]) => {
      const pattern = patternOf(contract, entry);
      const found = listed.patterns.filter((each) => each.pattern === pattern);
      const difference =
        found.length === 0
          ? missing(listed)
          : differenceOf(found, kind, options.atMostOnce === true);
      return difference ? [{ ...difference, entry, pattern: plainText(pattern) }] : [];
    }),
    ...extras(contract, listed.patterns, all),
  ];
}

type Difference = Pick<ContractDifference, 'code' | 'message'>;

function missing({ patterns, morePatterns }: ListedPatterns): Difference {
  if (morePatterns === 0) return { code: 'missing', message: 'the server has no handler for it' };
  const message = `not known: the server lists only ${patterns.length} of its ${patterns.length + morePatterns} patterns`;
  return { code: 'unlisted', message };
}

function differenceOf(
  found: readonly ListedPattern[],
  kind: EntryKind,
  isAtMostOnce: boolean,
): Difference | undefined {
  const handler = found.find((each) => each.kind === undefined || each.kind === WIRE_KINDS[kind]);
  if (!handler) {
    const message =
      kind === 'event'
        ? 'the contract says event; the server takes it as a call'
        : `the contract says ${kind}; the server takes it as an event`;
    return { code: 'kind', message };
  }
  if (handler.isAtMostOnce === undefined || handler.isAtMostOnce === isAtMostOnce) return undefined;
  const message = isAtMostOnce
    ? 'the contract says at most once; the handler may run twice for one call'
    : 'the handler runs at most once; the contract does not say so';
  return { code: 'at-most-once', message };
}

/** Handlers that the server has under the name of the contract, and no contract has: names may begin alike. */
function extras(
  { name }: Contract,
  patterns: readonly ListedPattern[],
  contracts: readonly Contract[],
): readonly ContractDifference[] {
  const kinds = new Map<string, Set<WireKind>>();
  for (const contract of contracts)
    for (const [entry, { kind }] of Object.entries(contract.entries)) {
      const pattern = patternOf(contract, entry);
      kinds.set(pattern, (kinds.get(pattern) ?? new Set()).add(WIRE_KINDS[kind]));
    }
  // A handler of the wrong kind is told as that, unless there is one of the right kind, too.
  const hasRight = ({ pattern }: ListedPattern) =>
    patterns.some(
      (each) => each.pattern === pattern && kinds.get(pattern)?.has(each.kind as WireKind),
    );
  return patterns
    .filter((each) => each.pattern.startsWith(`${name}.`))
    .filter((each) => {
      const known = kinds.get(each.pattern);
      if (!known) return true;
      return each.kind !== undefined && !known.has(each.kind as WireKind) && hasRight(each);
    })
    .map(({ pattern, kind = 'handler' }) => ({
      code: 'extra',
      pattern: plainText(pattern),
      message: `the server has it (${plainText(kind)}); the contract has not`,
    }));
}

/** As servers list it. */
function patternOf({ name, patterns }: Contract, entry: string): string {
  return nameOf((patterns[entry] ?? `${name}.${entry}`) as Pattern);
}
