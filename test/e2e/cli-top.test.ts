import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { FreelanceClientProxy } from 'nestjs-freelance';
import type { FleetSnapshot } from '../../lib/fleet/snapshot.js';
import { eventually } from '../support/eventually.js';
import { FleetServer } from '../support/fleet.js';
import { connectTo, serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';
import { Terminal, type TerminalOptions } from '../support/terminal.js';

const BIN = fileURLToPath(new URL('../../dist/bin/nestjs-freelance.js', import.meta.url));

/** From one look of `top` to the next. */
const INTERVAL_MS = 200;

const top = (args: readonly string[]) => [process.execPath, BIN, 'top', ...args];

/** `top` at a terminal, as a person sees it. */
function openTop(args: readonly string[], options?: TerminalOptions): Terminal {
  return new Terminal(top(['--interval', `${INTERVAL_MS}ms`, ...args]), options);
}

/** `top` without a terminal. */
function spawnTop(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const [command = '', ...rest] = top(args);
  return spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
}

async function runTop(args: readonly string[], env?: NodeJS.ProcessEnv) {
  const child = spawnTop(args, env);
  const [out, err] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { out, err, code: child.exitCode };
}

/** Calls each pattern again and again, one call after the other, until it is disposed of. */
function keepCalling(client: FreelanceClientProxy, ...patterns: readonly string[]): Disposable {
  let isOver = false;
  const call = (pattern: string) => {
    if (isOver) return;
    const next = () => void setTimeout(1).then(() => call(pattern));
    client.send<unknown>(pattern, 1).subscribe({ error: next, complete: next });
  };
  for (const pattern of patterns) call(pattern);
  return { [Symbol.dispose]: () => void (isOver = true) };
}

/** The row of a server on the screen. */
const rowOf = (terminal: Terminal, id: string) =>
  terminal.screen.lines.find((line) => new RegExp(`^\\w+ +${id}\\b`, 'u').test(line)) ?? '';

describe('top at a terminal', () => {
  test('shows servers, slow and failing patterns, and what happens, live', async () => {
    const bind = await freeEndpoint();
    await using doomed = await FleetServer.start({ bind, serverId: 'doomed' });
    await using lasting = await FleetServer.start({ serverId: 'lasting' });
    using client = connectTo([lasting.endpoint, doomed.endpoint]);
    using _ = keepCalling(client, 'work', 'fail');
    await using terminal = openTop(['-e', doomed.endpoint, '-e', lasting.endpoint]);
    const { screen } = terminal;

    await eventually(() => {
      expect(screen.lines[0]).toMatch(
        /^2 of 2 servers up +[\d.,]+ calls\/s +[\d.,]+ errors\/s +\d\d:/u,
      );
      expect(rowOf(terminal, 'doomed')).toMatch(/^alive +doomed +tcp:\S+ +\d/u);
      expect(rowOf(terminal, 'lasting')).toMatch(/^alive +lasting +tcp:\S+ +\d/u);
      expect(screen.text).toMatch(/SLOWEST PATTERNS[^]*work +\d[^]*FAILING PATTERNS[^]*fail +\d/u);
      expect(screen.text).toMatch(/EVENTS[^]*doomed \(tcp:\S+\) is up/u);
    });
    expect(screen.isAlternate).toBe(true);
    expect(screen.isCursorHidden).toBe(true);

    await doomed.child.kill();
    await eventually(() => {
      expect(screen.lines[0]).toMatch('1 of 2 servers up');
      expect(rowOf(terminal, 'doomed')).toMatch(/^dead +doomed .* – /u);
      expect(rowOf(terminal, 'lasting')).toMatch(/^alive/u);
      expect(screen.text).toMatch(/doomed \(tcp:\S+\) is down/u);
    });

    await using again = await FleetServer.start({ bind, serverId: 'again' });
    expect(again.endpoint).toBe(bind);
    await eventually(() => {
      expect(screen.lines[0]).toMatch('2 of 2 servers up');
      expect(rowOf(terminal, 'again')).toMatch(/^alive/u);
    });
    terminal.type('q');
    expect(await terminal.ended).toEqual({ exit: 0, signal: null, restored: true });
  });

  test('obeys its keys: sorting, reversing, pausing, help', async () => {
    await using one = await FleetServer.start({ serverId: 'one' });
    await using two = await FleetServer.start({ serverId: 'two' });
    using client = connectTo([two.endpoint]);
    using _ = keepCalling(client, 'work');
    await using terminal = openTop([one.endpoint, two.endpoint]);
    const { screen } = terminal;
    const order = () => screen.lines.flatMap((line) => /^alive +(\w+)/u.exec(line)?.[1] ?? []);

    await eventually(() => expect(order()).toEqual(['two', 'one']));
    expect(screen.text).toMatch('CALLS/S▼');
    terminal.type('r');
    await eventually(() => expect(order()).toEqual(['one', 'two']));
    expect(screen.text).toMatch('CALLS/S▲');
    terminal.type('e');
    await eventually(() => expect(screen.text).toMatch('ERRORS/S▼'));
    terminal.type('s');
    await eventually(() => expect(screen.text).toMatch('P99▼'));
    terminal.type('h');
    await eventually(() => expect(screen.text).toMatch(/r +reverse the order/u));
    terminal.type('\u001B');
    await eventually(() => expect(screen.text).not.toMatch('reverse the order'));
    terminal.type('p');
    await eventually(() => expect(screen.lines[0]).toMatch('PAUSED'));
    const { length } = terminal.written;
    const isDown = new Promise((resolve) => client.on('down', resolve));
    await two.child.kill();
    await isDown;
    // By then `top` knows, too, and an interval later it would have shown it.
    await setTimeout(2 * INTERVAL_MS);
    terminal.type('c');
    await eventually(() => expect(screen.text).toMatch('CALLS/S▼'));
    expect(order().toSorted()).toEqual(['one', 'two']);
    expect(terminal.written.slice(length)).not.toMatch('is down');
    terminal.type('p');
    await eventually(() => expect(screen.text).toMatch('is down'));
    expect(order()).toEqual(['one']);
  });

  test('fits a terminal of any size, and one that changes its size', async () => {
    await using server = await FleetServer.start({
      serverId: 'a-server-with-a-long-name-of-its-own',
    });
    await using terminal = openTop(['-e', server.endpoint], { columns: 100, rows: 20 });
    const { screen } = terminal;
    await eventually(() => expect(screen.text).toMatch('a-server-with-a-long-name-of-its-own'));
    expect(screen.lines).toHaveLength(20);
    expect(screen.widest).toBeLessThanOrEqual(100);
    for (const [columns, rows] of [
      [40, 10],
      [12, 4],
      [160, 50],
    ] as const) {
      terminal.resize(columns, rows);
      await eventually(() => expect(screen.lines).toHaveLength(rows));
      expect(screen.widest).toBeLessThanOrEqual(columns);
    }
    await eventually(() => expect(screen.text).toMatch('a-server-with-a-long-name-of-its-own'));
  });

  test('starts although no server is there, and shows who comes', async () => {
    const bind = await freeEndpoint();
    await using terminal = openTop(['-e', bind]);
    await eventually(() => expect(terminal.screen.text).toMatch(/^dead/mu));
    await using _ = await FleetServer.start({ bind, serverId: 'late' });
    await eventually(() => expect(rowOf(terminal, 'late')).toMatch(/^alive/u));
  });

  test('says why a server shows no statistics', async () => {
    await using server = await FleetServer.start({ serverId: 'shy', introspection: false });
    await using terminal = openTop(['-e', server.endpoint]);
    await eventually(() =>
      expect(terminal.screen.text).toMatch(
        'shy shows no statistics: it offers none: its option introspection is off',
      ),
    );
  });

  describe('restores the terminal', () => {
    const CRASH =
      "data:text/javascript,process.on('SIGUSR2',()=>{throw%20new%20Error('a%20planted%20fault')})";

    test.each([
      ['Ctrl-C', 130, (terminal: Terminal) => terminal.type('\u0003')],
      ['q', 0, (terminal: Terminal) => terminal.type('q')],
      ['SIGTERM', 143, (terminal: Terminal) => terminal.signal('SIGTERM')],
      ['SIGINT', 130, (terminal: Terminal) => terminal.signal('SIGINT')],
      ['SIGHUP', 129, (terminal: Terminal) => terminal.signal('SIGHUP')],
      ['a crash', 1, (terminal: Terminal) => terminal.signal('SIGUSR2')],
    ])('after %s', async (_how, exit, end) => {
      await using server = await FleetServer.start({ serverId: 'one' });
      await using terminal = openTop(['-e', server.endpoint], {
        env: { NODE_OPTIONS: `--import=${CRASH}` },
      });
      const { screen } = terminal;
      await eventually(() => expect(rowOf(terminal, 'one')).toMatch(/^alive/u));
      end(terminal);
      expect(await terminal.ended).toEqual({ exit, signal: null, restored: true });
      expect(screen.isAlternate).toBe(false);
      expect(screen.isCursorHidden).toBe(false);
      expect(screen.wraps).toBe(true);
      // What it was showing is gone, and what went wrong is there to be read.
      expect(screen.text).not.toMatch('alive');
      expect(screen.text.includes('a planted fault')).toBe(exit === 1);
    });
  });

  test('ends when the window is closed', async () => {
    await using server = await FleetServer.start({ serverId: 'one' });
    await using terminal = openTop(['-e', server.endpoint]);
    await eventually(() => expect(rowOf(terminal, 'one')).toMatch(/^alive/u));
    terminal.hangUp();
    expect(await terminal.ended).toMatchObject({ exit: null, signal: constants.signals.SIGHUP });
  });
});

describe('top without a terminal', () => {
  test('prints one look as a table', async () => {
    await using one = await FleetServer.start({ serverId: 'one' });
    using client = connectTo([one.endpoint]);
    using _ = keepCalling(client, 'work');
    // A busy machine may call too late for one interval: then the rates are 0, and the next look tells.
    await eventually(async () => {
      const { out, err, code } = await runTop(['-i', '1s'], { FREELANCE_ENDPOINTS: one.endpoint });
      expect({ err, code }).toEqual({ err: '', code: 0 });
      expect(out).toMatch(/^1 of 1 server up {3}[\d.,]+ calls\/s {3}0 errors\/s\n\nSTATE +SERVER/u);
      expect(out).toMatch(/^alive {2}one +tcp:\S+ +[\d.,]*[1-9]/mu);
      expect(out).toMatch(/^SLOWEST PATTERNS[^]*^work /mu);
      expect(out).not.toMatch('\u001B');
    });
  });

  test('shows what an unready server does', async () => {
    await using server = await serve([], { serverId: 'one' });
    server.strategy.setReady(false);
    const { out, code } = await runTop(['-i', '200ms', '-e', server.endpoints[0] ?? '']);
    expect(code).toBe(0);
    // Rates are its own: of a server that does not tell they would not be known.
    expect(out).toMatch(/^unready +one +tcp:\S+ +0 +0 /mu);
  });

  test('prints what there is, and fails, if no server is reachable', async () => {
    const endpoint = await freeEndpoint();
    const { out, err, code } = await runTop(['--once', '-i', '200ms', '-e', endpoint]);
    expect(code).toBe(1);
    expect(out).toMatch(/^dead/mu);
    expect(err).toMatch('No server is reachable');
  });

  test('prints a JSON object a line until it is interrupted', async () => {
    await using one = await FleetServer.start({ serverId: 'one' });
    const child = spawnTop(['--json', '-i', '200ms', '-e', one.endpoint]);
    const ended = once(child, 'close');
    let lines: FleetSnapshot[] = [];
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      lines = printed
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as FleetSnapshot);
    });
    await eventually(() => {
      expect(lines.length).toBeGreaterThan(2);
      expect(lines.at(-1)?.servers).toMatchObject([{ id: 'one', state: 'alive' }]);
    });
    child.kill('SIGINT');
    await ended;
    expect(child.exitCode).toBe(130);
  });

  test('ends quietly when its reader has read enough', async () => {
    await using one = await FleetServer.start({ serverId: 'one' });
    const child = spawnTop(['--json', '-i', '100ms', '-e', one.endpoint]);
    const ended = Promise.all([text(child.stderr), once(child, 'close')]);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [err] = await ended;
    expect({ err, code: child.exitCode }).toEqual({ err: '', code: 0 });
  });

  test('says what is wrong with its arguments', async () => {
    const wrong = await runTop(['--interval', 'often', '-e', 'tcp://127.0.0.1:1']);
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toMatch('--interval');
    const none = await runTop([], { FREELANCE_ENDPOINTS: '' });
    expect(none).toMatchObject({ code: 2, out: '' });
  });
});
