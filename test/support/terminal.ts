import { fileURLToPath } from 'node:url';
import { Child } from './child.js';
import { TerminalScreen } from './terminal-screen.js';

const PROGRAM = fileURLToPath(new URL('pseudo_terminal.py', import.meta.url));

/** How a program in a terminal has ended. */
export interface Ended {
  /** Null if a signal ended it. */
  readonly exit: number | null;
  readonly signal: number | null;
  /** Whether the terminal has its modes of before: echo, line by line, Ctrl-C as a signal. */
  readonly restored: boolean;
}

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

type Said = { readonly output: string } | { readonly pid: number } | Ended;

/** A program in a pseudo-terminal, which shows what a person would see, and types what a person would type. */
export class Terminal implements AsyncDisposable {
  readonly screen: TerminalScreen;
  readonly #child: Child;
  readonly #ended: Promise<Ended>;
  #written = '';

  constructor(
    command: readonly string[],
    { columns = 100, rows = 30, env = {} }: TerminalOptions = {},
  ) {
    const variables = Object.entries({ TERM: 'xterm-256color', ...env }).map(
      ([name, value]) => `${name}=${value}`,
    );
    const program = ['env', ...variables, ...command];
    this.screen = new TerminalScreen(columns, rows);
    this.#child = new Child('python3', ['-B', PROGRAM, `${columns}`, `${rows}`, ...program]);
    this.#ended = this.#watch();
    // Whoever wants to know asks.
    this.#ended.catch(() => undefined);
  }

  /** All that was written, with its control sequences. */
  get written(): string {
    return this.#written;
  }

  /** Resolves when the program has ended. */
  get ended(): Promise<Ended> {
    return this.#ended;
  }

  type(keys: string): void {
    this.#child.tell({ keys });
  }

  resize(columns: number, rows: number): void {
    this.screen.resize(columns, rows);
    this.#child.tell({ resize: [columns, rows] });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.tell({ signal });
  }

  /** The window is closed. */
  hangUp(): void {
    this.#child.tell({ hangUp: true });
  }

  async #watch(): Promise<Ended> {
    for (;;) {
      const said = (await this.#child.nextLine()) as Said;
      if ('exit' in said) return said;
      if (!('output' in said)) continue;
      this.#written += said.output;
      this.screen.write(said.output);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child.kill();
  }
}
