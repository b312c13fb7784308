import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { describeInBrowser, openBrowser } from '../support/browser.js';
import { eventually } from '../support/eventually.js';

const MAIN = fileURLToPath(new URL('../../sample/01-failover/dist/main.js', import.meta.url));

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Longer than whatever a busy machine needs: the demo's own limits end it before. */
const PATIENCE_MS = 250_000;

// Several such waits follow each other.
vi.setConfig({ testTimeout: 2 * PATIENCE_MS, hookTimeout: 2 * PATIENCE_MS });

describeInBrowser('npm run demo -- --page', () => {
  let demo: ChildProcess | undefined;
  let browser: Browser;

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['scripts/compile.mjs', 'sample/01-failover'], {
      cwd: ROOT,
    });
    browser = await openBrowser();
  });

  afterAll(() => browser?.close());

  // Its own children end when it is gone.
  afterEach(() => demo?.kill('SIGKILL'));

  /** Starts the demo, and resolves with the address that it prints; rejects if it ends instead. */
  function addressOfPage(): Promise<string> {
    const started = spawn(process.execPath, [MAIN, '--page'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    demo = started;
    const said: string[] = [];
    return new Promise((resolve, reject) => {
      for (const output of [started.stdout, started.stderr]) {
        createInterface(output).on('line', (line) => {
          said.push(line);
          const [, address] = /^The live page: (\S+)$/.exec(line) ?? [];
          if (address !== undefined) resolve(address);
        });
      }
      started.once('close', (code) =>
        reject(new Error(`it ended with ${code} and said:\n${said.join('\n')}`)),
      );
    });
  }

  test('shows three servers and their calls, and the kill of one; Ctrl-C ends all of it', async () => {
    const url = await addressOfPage();
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(url);

    const row = (name: string) =>
      page
        .getByRole('table', { name: /^Each server/ })
        .getByRole('row')
        .filter({ hasText: name });
    for (const name of ['server-1', 'server-2', 'server-3']) await row(name).waitFor();
    await page.getByRole('img', { name: /^1 client and 3 servers/ }).waitFor();
    await page
      .getByRole('table', { name: /^The slowest/ })
      .getByRole('row', { name: /^price \d/ })
      .waitFor();

    // The demo kills it four seconds after its start, again and again. The time of the event leads to that moment.
    const killed = page
      .getByRole('region', { name: 'What happened' })
      .getByRole('listitem')
      .filter({ hasText: 'server-2 is down: the connection was closed' });
    await killed.first().getByRole('button').click();
    // The page's own connection may have seen it a moment later than the client that told of it.
    const slider = page.getByRole('slider', { name: 'Moment shown' });
    await eventually(async () => {
      const text = await row('server-2').innerText();
      if (!text.includes('dead')) await slider.press('ArrowRight');
      expect(text).toContain('dead');
    });
    await page
      .getByRole('definition')
      .filter({ hasText: /^[012] of 3$/ })
      .waitFor();

    const history = (await (await fetch(`${url}/history`)).json()) as {
      snapshots: { servers: { endpoint: string }[] }[];
    };
    const endpoints = history.snapshots.at(-1)?.servers.map(({ endpoint }) => endpoint) ?? [];
    expect(endpoints).toHaveLength(3);
    await page.close();

    const ended = once(demo as ChildProcess, 'exit');
    demo?.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    for (const address of [url, ...endpoints]) {
      await eventually(async () => expect(await isListening(address)).toBe(false));
    }
  });
});

function isListening(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
