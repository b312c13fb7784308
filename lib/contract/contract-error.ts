import { RpcException } from '@nestjs/microservices';
import { shareInstances } from '../core/shared-instances.js';
import { isObject } from '../is-object.js';
import type { ContractIssue } from './issues.js';

/**
 * What does not hold: `INVALID_PAYLOAD` is the caller's fault. The others are the server's, and its log has them, too:
 * `INVALID_RESULT`, and `INVALID_SCHEMA` for a schema that threw, is asynchronous, or answered neither a value nor issues.
 */
export type ContractErrorCode = 'INVALID_PAYLOAD' | 'INVALID_RESULT' | 'INVALID_SCHEMA';

/** A `ContractError` on the wire: what a plain `send` fails with, as it does with all that handlers throw. */
export interface ContractViolation {
  /** As in all errors of Nest. */
  readonly status: 'error';
  /** For people: `orders.place: the payload is invalid: items.0.count: expected number`. */
  readonly message: string;
  /** What does not hold. */
  readonly code: ContractErrorCode;
  /** The name of the contract. */
  readonly contract: string;
  /** The name of the entry. */
  readonly entry: string;
  /** What the schema found, the first 20; empty for `INVALID_SCHEMA`. */
  readonly issues: readonly ContractIssue[];
}

/**
 * A payload or a result that its schema refuses. The server throws it, and filters can catch it; the client of a contract
 * throws it with the same members.
 */
export class ContractError extends RpcException implements Omit<ContractViolation, 'status'> {
  static {
    shareInstances(this, 'ContractError');
  }

  /** Always `ContractError`. */
  override readonly name = 'ContractError';
  /** What does not hold. */
  readonly code: ContractErrorCode;
  /** The name of the contract. */
  readonly contract: string;
  /** The name of the entry. */
  readonly entry: string;
  /** What the schema found, the first 20; empty for `INVALID_SCHEMA`. */
  readonly issues: readonly ContractIssue[];
  readonly #violation: ContractViolation;

  /**
   * @param violation what does not hold, as the caller gets it
   * @param options the `cause`, which stays in this process
   */
  constructor(violation: ContractViolation, options: ErrorOptions = {}) {
    super(violation);
    this.#violation = violation;
    this.code = violation.code;
    this.contract = violation.contract;
    this.entry = violation.entry;
    this.issues = violation.issues;
    if ('cause' in options) {
      // As `Error` does. Nest's class takes no options.
      const { cause } = options;
      Object.defineProperty(this, 'cause', { value: cause, writable: true, configurable: true });
    }
  }

  /** What the caller gets: Nest asks for it. */
  override getError(): ContractViolation {
    return this.#violation;
  }
}

/** Whether an error, as it came from a peer, is what a `ContractError` becomes on the wire. */
export function isContractViolation(error: unknown): error is ContractViolation {
  if (!isObject(error)) return false;
  const { status, message, code, contract, entry, issues } = error;
  return (
    status === 'error' &&
    typeof message === 'string' &&
    CODES.has(code) &&
    typeof contract === 'string' &&
    typeof entry === 'string' &&
    Array.isArray(issues) &&
    issues.every(isIssue)
  );
}

const CODES: ReadonlySet<unknown> = new Set<ContractErrorCode>([
  'INVALID_PAYLOAD',
  'INVALID_RESULT',
  'INVALID_SCHEMA',
]);

function isIssue(value: unknown): value is ContractIssue {
  if (!isObject(value) || typeof value['message'] !== 'string') return false;
  const { path } = value;
  return path === undefined || (Array.isArray(path) && path.every(isKey));
}

function isKey(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}
