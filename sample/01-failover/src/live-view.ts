import type { WriteStream } from 'node:tty';
import { type Line, paint } from './line.js';
import { eventLine, picture } from './picture.js';
import type { Run } from './run.js';
import type { View } from './view.js';

const ESC = '\u001B[';
const HIDE_CURSOR = `${ESC}?25l`;
const SHOW_CURSOR = `${ESC}?25h`;
const CLEAR_SCREEN = `${ESC}2J${ESC}H`;
const CLEAR_TO_END_OF_LINE = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;
const up = (lines: number) => (lines > 0 ? `${ESC}${lines}A\r` : '\r');

/** A picture that is drawn over itself, for a person at a terminal. */
export class LiveView implements View {
  readonly #terminal: WriteStream;
  readonly #hasColour: boolean;
  #isOpen = false;
  #linesDrawn = 0;

  constructor(terminal: WriteStream, hasColour: boolean) {
    this.#terminal = terminal;
    this.#hasColour = hasColour;
    terminal.on('resize', () => {
      // The terminal may have rewrapped the lines, so that the start of the picture is unknown.
      if (this.#isOpen) terminal.write(CLEAR_SCREEN);
      this.#linesDrawn = 0;
    });
  }

  show(run: Run): void {
    if (!this.#isOpen) this.#terminal.write(HIDE_CURSOR);
    this.#isOpen = true;
    const above = picture(run, this.#width);
    // The cursor stands on the line below the picture.
    const height = this.#height - 1;
    const events = run.events.slice(-Math.max(height - above.length, 1));
    const lines = [...above, ...events.map(eventLine)].slice(0, height);
    this.#draw(lines.map((line) => this.#cut(line)));
  }

  close(run: Run): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const above = picture(run, this.#width).map((line) => this.#cut(line));
    // Nothing is drawn over this: events may be of any number and length.
    this.#draw([...above, ...run.events.map((event) => this.#whole(eventLine(event)))]);
    this.#terminal.write(SHOW_CURSOR);
  }

  print(lines: readonly Line[]): void {
    for (const line of lines) this.#terminal.write(`${this.#whole(line)}\n`);
  }

  /** Some terminals report no size. */
  get #width(): number {
    return this.#terminal.columns || 80;
  }

  get #height(): number {
    return this.#terminal.rows || 24;
  }

  #draw(lines: readonly string[]): void {
    // In one write, so that no half-drawn picture is seen.
    const drawn = lines.map((line) => `${line}${CLEAR_TO_END_OF_LINE}\n`).join('');
    this.#terminal.write(`${up(this.#linesDrawn)}${drawn}${CLEAR_BELOW}`);
    this.#linesDrawn = lines.length;
  }

  #cut(line: Line): string {
    return paint(line, { width: this.#width, hasColour: this.#hasColour });
  }

  #whole(line: Line): string {
    return paint(line, { width: Infinity, hasColour: this.#hasColour });
  }
}
