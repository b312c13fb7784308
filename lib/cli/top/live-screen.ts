import type { CliIo } from '../cli-io.js';

/*
 * Control sequences of terminals. Sources: ECMA-48; "XTerm Control Sequences" for those with a question mark.
 */
const ESC = '\u001B[';
const ALTERNATE_SCREEN = `${ESC}?1049h`;
const MAIN_SCREEN = `${ESC}?1049l`;
const HIDE_CURSOR = `${ESC}?25l`;
const SHOW_CURSOR = `${ESC}?25h`;
/** A line that is wider than we think, because fonts differ, is cut instead of moving all that follow. */
const CUT_LINES = `${ESC}?7l`;
const WRAP_LINES = `${ESC}?7h`;
const HOME = `${ESC}H`;
const CLEAR_TO_END_OF_LINE = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;

const OPEN = ALTERNATE_SCREEN + HIDE_CURSOR + CUT_LINES;
const CLOSE = WRAP_LINES + SHOW_CURSOR + MAIN_SCREEN;

/** Of terminals that do not tell theirs. */
const COLUMNS = 80;
const ROWS = 24;

export interface LiveScreenListener {
  /** What was typed, as the terminal sends it. */
  typed(text: string): void;
  /** Everything has to be drawn again. */
  redraw(): void;
  /** There is nobody at the terminal any more. */
  gone(): void;
}

/**
 * The whole terminal, until it is closed: keys come at once, and what was on the screen comes back. It comes back also when
 * the process exits or throws. Writes to a terminal are synchronous, also in the last moment.
 */
export class LiveScreen {
  readonly #io: CliIo;
  readonly #listener: LiveScreenListener;
  readonly #close = (): void => this.close();
  readonly #typed = (chunk: Buffer | string): void => this.#listener.typed(chunk.toString());
  readonly #gone = (): void => {
    this.#isGone = true;
    this.#listener.gone();
  };
  /** Back from a stop (Ctrl-Z in the shell that started us, SIGSTOP): others have used the terminal meanwhile. */
  readonly #continued = (): void => {
    // libuv takes the terminal to be raw still, and would leave the shell's modes as they are.
    if (this.#io.stdin.isTTY) this.#io.stdin.setRawMode?.(false);
    this.#setUp();
    this.#listener.redraw();
  };
  #stopResizing = (): void => undefined;
  #isOpen = false;
  /** Whether there is no terminal any more. */
  #isGone = false;

  constructor(io: CliIo, listener: LiveScreenListener) {
    this.#io = io;
    this.#listener = listener;
  }

  get columns(): number {
    return this.#io.columns || COLUMNS;
  }

  get rows(): number {
    return this.#io.rows || ROWS;
  }

  open(): void {
    this.#isOpen = true;
    process.on('exit', this.#close);
    process.on('SIGCONT', this.#continued);
    this.#setUp();
    const { stdin } = this.#io;
    // Input of a file or a pipe is not typed by anybody.
    if (stdin.isTTY) stdin.on('data', this.#typed).on('end', this.#gone).on('error', this.#gone);
    this.#stopResizing = this.#io.onResize(() => this.#listener.redraw());
  }

  /** @param lines no wider and no more than the screen has */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    // In one write, so that no half of it is seen.
    const drawn = lines.map((line) => `${line}${CLEAR_TO_END_OF_LINE}`).join('\r\n');
    this.#io.out(`${HOME}${drawn}${CLEAR_BELOW}`);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off('exit', this.#close);
    process.off('SIGCONT', this.#continued);
    this.#stopResizing();
    const { stdin } = this.#io;
    if (stdin.isTTY) {
      // Fails if the terminal is gone, by an 'error': so that is listened to until then.
      stdin.setRawMode?.(false);
      stdin.off('data', this.#typed).off('end', this.#gone).off('error', this.#gone);
      stdin.pause();
    }
    if (this.#isGone) process.once('exit', endByHangUp);
    else this.#io.out(CLOSE);
  }

  #setUp(): void {
    if (this.#io.stdin.isTTY) this.#io.stdin.setRawMode?.(true);
    this.#io.out(OPEN);
  }
}

/**
 * Ends as a program that does nothing about SIGHUP. Exiting would abort: Node asserts that it can give the terminal its modes
 * back. Source: ResetStdio in src/node.cc.
 */
function endByHangUp(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
