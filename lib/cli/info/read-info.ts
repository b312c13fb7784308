import { plainText } from '../../core/plain-text.js';
import { isJsonObject, type JsonObject } from '../../protocol/text.js';

/** A handler that a server offers, safe to print. */
export interface OfferedPattern {
  readonly pattern: string;
  readonly kind: string;
  readonly isAtMostOnce: boolean;
  readonly description: string;
}

/** What is printed of the answer to `$freelance.info`. A server of another version may leave out what this one tells. */
export interface OfferedInfo {
  readonly id: string;
  readonly state: string;
  /** Names and versions of the software, the process, the mechanism, each as `name value`. */
  readonly facts: readonly string[];
  readonly uptimeMs: number | undefined;
  readonly endpoints: readonly string[];
  /** Names and values. */
  readonly limits: readonly (readonly [name: string, value: string])[];
  readonly patterns: readonly OfferedPattern[];
  /** How many patterns were not told. */
  readonly morePatterns: number;
}

/** @returns undefined if it is no such answer: the server may have a handler of its own for the pattern */
export function readInfo(answer: unknown): OfferedInfo | undefined {
  if (!isJsonObject(answer) || !Array.isArray(answer['patterns'])) return undefined;
  const { library, nest, node, engine, pid, mechanism, uptimeMs, endpoints, morePatterns } = answer;
  const { service, zone, weight } = answer;
  const facts = [
    isJsonObject(library) ? `${text(library['name'])} ${text(library['version'])}` : '',
    fact('Nest', nest),
    fact('Node', node),
    fact('engine', engine),
    fact('pid', pid),
    fact('mechanism', mechanism),
    fact('service', service),
    fact('zone', zone),
    fact('weight', weight),
  ];
  const limits = isJsonObject(answer['limits']) ? Object.entries(answer['limits']) : [];
  return {
    id: text(answer['id']),
    state: text(answer['state']),
    facts: facts.filter((one) => one.trim() !== ''),
    uptimeMs: typeof uptimeMs === 'number' ? uptimeMs : undefined,
    endpoints: Array.isArray(endpoints) ? endpoints.map(text) : [],
    limits: limits.map(([name, value]) => [plainText(name), value === null ? 'none' : text(value)]),
    patterns: answer['patterns'].filter(isJsonObject).map(patternOf),
    morePatterns: typeof morePatterns === 'number' ? morePatterns : 0,
  };
}

function patternOf({ pattern, kind, atMostOnce, description }: JsonObject): OfferedPattern {
  return {
    pattern: text(pattern),
    kind: text(kind),
    isAtMostOnce: atMostOnce === true,
    description: text(description),
  };
}

function fact(name: string, value: unknown): string {
  const shown = text(value);
  return shown === '' ? '' : `${name} ${shown}`;
}

/** Empty for what is not there. */
function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return plainText(typeof value === 'string' ? value : JSON.stringify(value), LONGEST_TEXT);
}

const LONGEST_TEXT = 1000;
