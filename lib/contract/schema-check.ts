import { isThenable } from '../core/thenable.js';
import type { ErrorLog } from '../nest/bounded-log.js';
import { ContractError, type ContractErrorCode, type ContractViolation } from './contract-error.js';
import { type ContractIssue, describeIssues, readIssues } from './issues.js';
import type { StandardSchema } from './standard-schema.js';

/** An entry of a contract, for errors. */
export interface EntryName {
  readonly contract: string;
  readonly entry: string;
  /** An event: its sender hears of no error. @default false */
  readonly isEvent?: boolean;
}

const INVALID = { payload: 'INVALID_PAYLOAD', result: 'INVALID_RESULT' } as const;

/** Checks the payloads, or the results, of one entry. */
export class SchemaCheck {
  readonly #entry: EntryName;
  readonly #subject: 'payload' | 'result';
  readonly #schema: StandardSchema;
  readonly #log: Pick<ErrorLog, 'error'>;

  constructor(
    entry: EntryName,
    subject: 'payload' | 'result',
    schema: StandardSchema,
    log: Pick<ErrorLog, 'error'>,
  ) {
    this.#entry = entry;
    this.#subject = subject;
    this.#schema = schema;
    this.#log = log;
  }

  /**
   * @returns what the schema makes of the value
   * @throws ContractError also logged if it is the server's own fault, or of an event (Nest 11 does not log those)
   */
  run(value: unknown): unknown {
    const answer = ask(this.#schema, value, (cause) => this.#rejected(cause));
    if ('value' in answer) return answer.value;
    if ('issues' in answer) {
      const { issues, total } = answer;
      const found = total > 0 ? `: ${describeIssues(issues, total)}` : '';
      throw this.#error(INVALID[this.#subject], `the ${this.#subject} is invalid${found}`, issues);
    }
    const { fault, ...options } = answer;
    const what = `the schema of the ${this.#subject} ${fault}`;
    throw this.#error('INVALID_SCHEMA', what, [], options);
  }

  /** Of a failure that no caller hears of. */
  logLate(error: unknown): void {
    this.#log.error(`${this.#entry.entry} late`, error);
  }

  /** The promise of a schema was rejected, after the check has failed for it. Zod's hides like that what a schema threw. */
  #rejected(cause: unknown): void {
    const { contract, entry } = this.#entry;
    const message = `${contract}.${entry}: the schema of the ${this.#subject} threw an error`;
    this.logLate(new Error(message, { cause }));
  }

  #error(
    code: ContractErrorCode,
    what: string,
    issues: readonly ContractIssue[],
    options?: ErrorOptions,
  ): ContractError {
    const { contract, entry } = this.#entry;
    const message = `${contract}.${entry}: ${what}`;
    const violation: ContractViolation = {
      status: 'error',
      message,
      code,
      contract,
      entry,
      issues,
    };
    const error = new ContractError(violation, options);
    if (code !== 'INVALID_PAYLOAD' || this.#entry.isEvent)
      this.#log.error(`${entry} ${code}`, error);
    return error;
  }
}

type Answer =
  | { readonly value: unknown }
  | { readonly issues: readonly ContractIssue[]; readonly total: number }
  | { readonly fault: string; readonly cause?: unknown };

function ask(schema: StandardSchema, value: unknown, onRejected: (cause: unknown) => void): Answer {
  try {
    const result: unknown = schema['~standard'].validate(value);
    if (!isThenable(result)) return read(result);
    // Nobody waits for it.
    Promise.resolve(result).catch(onRejected);
    return { fault: A_PROMISE };
  } catch (cause) {
    // Its words may tell what is no caller's business.
    return { fault: 'threw an error, which is in the log of the server', cause };
  }
}

/** Zod answers with a promise where a schema throws, too: it tries again, in case that was for want of one. */
const A_PROMISE =
  'answered with a promise. If it is asynchronous, do look-ups in the handler. ' +
  'If it threw an error, the log of the server has that';

function read(result: unknown): Answer {
  if (typeof result === 'object' && result !== null) {
    const { issues, value }: { issues?: unknown; value?: unknown } = result;
    if (!issues && 'value' in result) return { value };
    if (Array.isArray(issues)) {
      const known = readIssues(issues);
      if (known) return { issues: known, total: issues.length };
    }
  }
  return { fault: 'answered neither a value nor issues, as a Standard Schema has to' };
}
