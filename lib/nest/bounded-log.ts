import { inspect } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import { LogLimiter, type LogLimiterOptions } from '../core/log-limiter.js';
import { isPlainText, plainText } from '../core/plain-text.js';
import { isError } from '../is-error.js';
import { monotonicNow } from '../node-timers.js';

/** What is longer is cut: a line for people, and not a peer's data. In characters. */
const LONGEST_LINE = 2000;

/** Causes of causes that are looked at. */
const DEEPEST_CAUSE = 4;

type Level = 'log' | 'warn' | 'error' | 'debug';

/**
 * The log of a client or a server. Whatever a peer can cause is bounded in rate and in length, and escaped;
 * `kind` is a name of ours for what is told, never text of a peer's. A logger of the user's that throws harms nobody.
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

  /** @param what an error, as code of the user's threw it, or a text */
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
      suppressed > 0 ? `And ${suppressed} more like it, since the latest that was logged.` : '';
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
      // There is no other place to say it.
    }
  }
}

/** What was thrown, as it is if it can harm no log; else what can be shown of it. */
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

/** With the name, the frames and the causes of the error, but with text that is escaped and cut. */
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

/** A line of a stack. */
const FRAME = /^ {4}at .+$/;
