import { Readable } from 'node:stream';
import { runCli } from '../../lib/cli/run.js';
import type { CliIo, Interruption } from '../../lib/cli/cli-io.js';

export interface FakeIoOptions {
  readonly isTty?: boolean;
  readonly columns?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
}

/** The process of a command, without a process: what it writes is kept. */
export class FakeIo implements CliIo {
  written = '';
  complained = '';
  exitCode: number | undefined;
  readonly isTty: boolean;
  readonly isErrTty: boolean;
  readonly columns: number | undefined;
  readonly rows = undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadableStream;
  readonly #interruption = new AbortController();
  readonly interrupted = this.#interruption.signal;

  constructor({ isTty = false, columns, env = {}, stdin = '' }: FakeIoOptions = {}) {
    this.isTty = isTty;
    this.isErrTty = isTty;
    this.columns = columns;
    this.env = env;
    this.stdin = Readable.from([Buffer.from(stdin)]);
  }

  readonly out = (text: string | Uint8Array): void =>
    void (this.written += typeof text === 'string' ? text : Buffer.from(text).toString());
  readonly drained = (): Promise<void> => Promise.resolve();
  readonly err = (text: string): void => void (this.complained += text);
  readonly exit = (code: number): void => void (this.exitCode = code);
  readonly onResize = (): (() => void) => () => {};

  interrupt(by: Interruption): void {
    this.#interruption.abort(by);
  }
}

/** Runs a command line in this process. */
export async function runLine(args: readonly string[], options?: FakeIoOptions): Promise<FakeIo> {
  const io = new FakeIo(options);
  await runCli(args, io);
  return io;
}
