const ESCAPE = '\u001B';

/** What follows an escape: the rest of a control sequence. Source: ECMA-48. */
const SEQUENCE = /^\[(?<mode>\??)(?<numbers>[\d;]*)(?<final>[A-Za-z])/u;

/**
 * What a terminal shows of the few control sequences that this package's programs use: two screens, cursor to the top, and
 * clearing. All others throw. Each character takes one column.
 */
export class TerminalScreen {
  #columns: number;
  #rows: number;
  #main: string[] = [''];
  #alternate: string[] = [''];
  #isAlternate = false;
  #row = 0;
  #column = 0;
  /** The beginning of a control sequence. */
  #waiting = '';
  /** The longest line that was written, cut or not. */
  widest = 0;
  isCursorHidden = false;
  wraps = true;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  /** Whether the program has the whole screen: what was there before comes back later. */
  get isAlternate(): boolean {
    return this.#isAlternate;
  }

  get lines(): readonly string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  get text(): string {
    return this.lines.join('\n');
  }

  resize(columns: number, rows: number): void {
    this.#columns = columns;
    this.#rows = rows;
    this.widest = 0;
  }

  /** @param text whole control sequences: a pseudo-terminal may cut them anywhere, and then the rest waits for more */
  write(text: string): void {
    const [typed = '', ...sequences] = (this.#waiting + text).split(ESCAPE);
    this.#waiting = '';
    this.#plain(typed);
    sequences.forEach((after, at) => {
      const found = SEQUENCE.exec(after);
      const { mode = '', numbers = '', final = '' } = found?.groups ?? {};
      if (found) {
        this.#control(mode + final, numbers);
        this.#plain(after.slice(found[0].length));
      } else if (at === sequences.length - 1) this.#waiting = ESCAPE + after;
      else throw new Error(`unknown control sequence ${JSON.stringify(after)}`);
    });
  }

  #plain(text: string): void {
    for (const piece of text.match(/[\r\n]|[^\r\n]+/gu) ?? []) {
      if (piece === '\r') this.#column = 0;
      else if (piece === '\n') this.#lineFeed();
      else this.#put(piece);
    }
  }

  get #lines(): string[] {
    return this.#isAlternate ? this.#alternate : this.#main;
  }

  #put(text: string): void {
    const line = (this.#lines[this.#row] ?? '').padEnd(this.#column);
    const after = line.slice(this.#column + text.length);
    this.#lines[this.#row] = (line.slice(0, this.#column) + text + after).slice(0, this.#columns);
    this.#column += text.length;
    this.widest = Math.max(this.widest, this.#column);
  }

  #lineFeed(): void {
    this.#row++;
    // The main screen keeps what has scrolled out.
    if (!this.#isAlternate || this.#row < this.#rows) return;
    this.#row--;
    this.#alternate.shift();
  }

  #control(sequence: string, numbers: string): void {
    switch (sequence) {
      case '?h':
      case '?l':
        return this.#setMode(numbers, sequence === '?h');
      case 'H':
        this.#row = 0;
        this.#column = 0;
        return;
      case 'K':
        this.#lines[this.#row] = (this.#lines[this.#row] ?? '').slice(0, this.#column);
        return;
      case 'J':
        this.#lines.splice(this.#row + 1);
        this.#lines[this.#row] = (this.#lines[this.#row] ?? '').slice(0, this.#column);
        return;
      case 'm':
        return;
      default:
        throw new Error(`unknown control sequence ${sequence}`);
    }
  }

  #setMode(mode: string, isOn: boolean): void {
    switch (mode) {
      case '1049':
        this.#isAlternate = isOn;
        this.#alternate = [''];
        this.#row = isOn ? 0 : this.#main.length - 1;
        this.#column = 0;
        return;
      case '25':
        this.isCursorHidden = !isOn;
        return;
      case '7':
        this.wraps = isOn;
        return;
      default:
        throw new Error(`unknown mode ${mode}`);
    }
  }
}
