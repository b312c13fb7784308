import { PassThrough } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { LiveScreen } from '../../../lib/cli/top/live-screen.js';
import { FakeIo } from '../../support/cli-io.js';

/** A keyboard that keeps what it is set to. */
class Keyboard extends PassThrough {
  readonly isTTY = true;
  readonly modes: boolean[] = [];

  setRawMode(isRaw: boolean): void {
    this.modes.push(isRaw);
  }
}

class TerminalIo extends FakeIo {
  override readonly stdin = new Keyboard();

  constructor() {
    super({ isTty: true });
  }
}

const io = new TerminalIo();
const screen = new LiveScreen(io, { typed: () => {}, redraw: () => {}, gone: () => {} });
afterEach(() => screen.close());

test('sets the terminal up again after a stop, although libuv takes it to be raw still', () => {
  screen.open();
  expect(io.stdin.modes).toEqual([true]);
  process.emit('SIGCONT');
  expect(io.stdin.modes).toEqual([true, false, true]);
  screen.close();
  expect(io.stdin.modes).toEqual([true, false, true, false]);
});
