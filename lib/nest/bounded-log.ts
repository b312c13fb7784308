import { inspect } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import { LogLimiter, type LogLimiterOptions } from '../core/log-limiter.js';
import { isPlainText, plainText } from '../core/plain-text.js';
import { isError } from '../is-error.js';
import { monotonicNow } from '../node-timers.js';

/** The longest line, in characters. The log is for people, not for a peer's data: the rest is cut. */
const LONGEST_LINE = 2000;

/** How deep causes of causes are shown. */
const DEEPEST_CAUSE = 4;

type Level = 'log' | 'warn' | 'error' | 'debug';

/** The log of a server, for those who report errors of the user's code. */
export type ErrorLog = Pick<BoundedLog, 'error' | 'warn' | 'debug'>;

/**
 * The log of one client or server, bounded in rate and length, and escaped, so that no peer can flood or forge it. The
 * rate is bounded per `kind`, which is a name of our own and never a peer's text. A user's logger that throws is ignored.
 */
export class BoundedLog {
  readonly #target: () => LoggerService;
  readonly #limiter: LogLimiter;
  readonly #now: () => number;

  constructor(
    target: () => LoggerService,
    limits?: LogLimiterOptions,
    now: () => number = monotonicNow,
  ) {
    this.#target = target;
    this.#limiter = new LogLimiter(limits);
    this.#now = now;
  }

  /** @param what a text, or what the user's code threw */
  error(kind: string, what: unknown): void {
    this.#bounded('error', kind, what);
  }

  warn(kind: string, text: string): void {
    this.#bounded('warn', kind, text);
  }

  log(kind: string, text: string): void {
    this.#bounded('log', kind, text);
  }

  debug(kind: string, text: string): void {
    this.#bounded('debug', kind, text);
  }

  #bounded(level: Level, kind: string, what: unknown): void {
    const suppressed = this.#limiter.admit(`${level} ${kind}`, this.#now());
    if (suppressed === undefined) return;
    const more =
      suppressed > 0 ? `And ${suppressed} more like it since the last one that was logged.` : '';
    if (typeof what === 'string') {
      const line = plainText(what, LONGEST_LINE);
      this.#write(level, more ? `${line} ${more}` : line);
    } else {
      this.#write(level, loggable(what));
      if (more) this.#write(level, more);
    }
  }

  #write(level: Level, what: unknown): void {
    try {
      this.#target()[level]?.(what);
    } catch {
      // There is nowhere else to report it.
    }
  }
}

/** What was thrown: unchanged if it is safe to log, else what can be shown of it. */
function loggable(thrown: unknown): unknown {
  try {
    if (isError(thrown)) return isHarmless(thrown) ? thrown : harmless(thrown, 0);
    return plainText(inspect(thrown, SHORT), LONGEST_LINE);
  } catch {
    return 'Something was thrown that cannot be shown.';
  }
}

function isHarmless(error: Error, depth = 0): boolean {
  if (!isPlainText(error.message, LONGEST_LINE)) return false;
  if (!isError(error.cause)) return true;
  return depth < DEEPEST_CAUSE && isHarmless(error.cause, depth + 1);
}

/** The error with its name, frames and causes, but its text escaped and cut. */
function harmless(error: Error, depth: number): Error {
  const { name, message, stack, cause } = error;
  const text = plainText(message, LONGEST_LINE);
  const options =
    isError(cause) && depth < DEEPEST_CAUSE ? { cause: harmless(cause, depth + 1) } : {};
  const shown = new Error(text, options);
  const title = plainText(name);
  const frames =
    typeof stack === 'string' ? stack.split('\n').filter((line) => FRAME.test(line)) : [];
  return Object.defineProperties(shown, {
    name: { value: title, configurable: true, writable: true },
    stack: {
      value: [`${title}: ${text}`, ...frames].join('\n'),
      configurable: true,
      writable: true,
    },
  });
}

const SHORT = { breakLength: Infinity, maxArrayLength: 20, maxStringLength: LONGEST_LINE };

/** A frame of a stack trace. */
const FRAME = /^ {4}at .+$/;
