import { once } from 'node:events';
import { isatty } from 'node:tty';
import { errorCode } from '../sockets/error-code.js';
import { reasonOf } from '../sockets/reason-of.js';
import type { CliIo, Interruption } from './cli-io.js';
import { EXIT, exitCodeOf } from './exit-codes.js';

/**
 * How long what is left after a command may take, in ms: messages that are on their way out. Nothing known takes this long,
 * except a slow reader of the output, who is waited for.
 */
const MOST_LINGERING_MS = 2000;

/** What writing fails with once nobody reads any more, once that is known, and once the terminal is gone. */
const CLOSED: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED', 'EIO']);

/** The real process. To be called once: it listens to signals. */
export function processIo(): CliIo {
  const { stdout, stderr, stdin, env } = process;
  const interruption = new AbortController();
  const interrupt = (by: Interruption): void => interruption.abort(by);

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The first one asks, the second one does not wait.
      if (interruption.signal.aborted) process.exit(exitCodeOf(signal));
      interrupt(signal);
    });
  }
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error) => {
      // Whoever read this, such as `head`, has read enough.
      if (CLOSED.has(errorCode(error))) return interrupt('EPIPE');
      // Such as a full disk. Once only: it may be standard error that cannot be written.
      if (interruption.signal.aborted) return;
      interrupt('UNWRITABLE');
      // The command may be done: it then looks at the interruption no more.
      process.exitCode = EXIT.failed;
      stderr.write(`error: the output cannot be written: ${reasonOf(error)}\n`);
    });
  }

  let draining: Promise<void> | undefined;
  const drained = (): Promise<void> => {
    if (!stdout.writableNeedDrain) return Promise.resolve();
    // One for all who wait. It fails with the stream, or when interrupted: both are handled above.
    draining ??= once(stdout, 'drain', { signal: interruption.signal })
      .then(() => undefined)
      .catch(() => undefined)
      .finally(() => (draining = undefined));
    return draining;
  };

  return {
    drained,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    isTty: isatty(stdout.fd),
    isErrTty: isatty(stderr.fd),
    get columns() {
      return isatty(stdout.fd) ? stdout.columns : undefined;
    },
    get rows() {
      return isatty(stdout.fd) ? stdout.rows : undefined;
    },
    env,
    stdin,
    exit: (code) => {
      process.exitCode = code;
    },
    interrupted: interruption.signal,
    onResize: (run) => {
      stdout.on('resize', run);
      return () => stdout.off('resize', run);
    },
  };
}

/**
 * To be called when the command is done: should anything keep the process, it ends all the same, once its output is written.
 * Writing to a pipe is asynchronous, and exiting would drop what its reader has not taken. An interrupted command does not
 * wait for its reader.
 */
export function endSoon({ interrupted }: Pick<CliIo, 'interrupted'>): void {
  if (interrupted.aborted) return endAfterLingering();
  interrupted.addEventListener('abort', endAfterLingering, { once: true });
  // A stream that is closed calls back, too, with an error.
  process.stdout.write('', () => process.stderr.write('', endAfterLingering));
}

function endAfterLingering(): void {
  setTimeout(() => process.exit(), MOST_LINGERING_MS).unref();
}
