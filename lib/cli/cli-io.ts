/** What a command knows of its process. Tests bring their own. */
export interface CliIo {
  /** Writes results, as they are: to standard output, which programs read. */
  readonly out: (text: string | Uint8Array) => void;
  /**
   * Resolves when standard output takes more: at once, unless its reader lags behind, and in any case once the command is
   * interrupted. Whoever writes without end waits for it, so that what is not read yet stays bounded.
   */
  readonly drained: () => Promise<void>;
  /** Writes everything else: to standard error. */
  readonly err: (text: string) => void;
  /** Whether standard output is a terminal. */
  readonly isTty: boolean;
  /** The same of standard error. */
  readonly isErrTty: boolean;
  /** The width of the terminal of the moment, in characters; undefined without one. */
  readonly columns: number | undefined;
  /** The height. */
  readonly rows: number | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: CliInput;
  /** Sets the exit code. The process ends once nothing is left to do. */
  readonly exit: (code: number) => void;
  /** Aborted when the command has to end: by Ctrl-C, by SIGTERM, or because nobody reads its output or sees it, or because it cannot be written. The reason says which. */
  readonly interrupted: AbortSignal;
  /** Calls back when the terminal has another size. Returns the way to call that off. */
  readonly onResize: (run: () => void) => () => void;
}

/** Standard input. */
export type CliInput = NodeJS.ReadableStream & {
  readonly isTTY?: boolean;
  /** Only of a terminal. Raw: each key comes at once, and Ctrl-C is a key like others. */
  setRawMode?(isRaw: boolean): unknown;
};

/** Why a command has to end: the reason of `CliIo.interrupted`. */
export type Interruption = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'EPIPE' | 'UNWRITABLE';
