import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Dashboard } from '../../lib/dashboard/dashboard.js';
import { DashboardServer } from '../../lib/dashboard/dashboard-server.js';
import { clock } from '../../lib/dashboard/page/format.js';
import { describeInBrowser, openBrowser } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import {
  clientOf,
  eventOf,
  FakeWatch,
  linkOf,
  patternOf,
  serverOf,
  snapshotOf,
} from './fake-fleet.js';
import { showcase } from './showcase.js';

/** `DASHBOARD_PICTURES=1` writes the pictures of docs/dashboard.md, by means of `cwebp`: Debian's package webp. */
const PICTURES = process.env['DASHBOARD_PICTURES'] === '1';

/** Longer than whatever a busy machine needs: a browser that draws without a GPU takes seconds of CPU time. */
const PATIENCE_MS = 250_000;

const BOUNDS = { maxViewers: 4, onlyWhileWatched: false };

vi.setConfig({ testTimeout: 2 * PATIENCE_MS, hookTimeout: 2 * PATIENCE_MS });

describeInBrowser('the page', () => {
  let browser: Browser;
  let watch: FakeWatch;
  let dashboard: Dashboard;
  let server: DashboardServer;
  let url: string;
  /** The time of the newest snapshot of the history, in ms since 1970. */
  let end: number;
  /** What must not happen: requests to others, errors, violations of the policy. */
  let faults: string[];

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(() => browser?.close());

  beforeEach(async () => {
    faults = [];
    end = Date.now();
    watch = new FakeWatch();
    dashboard = new Dashboard(watch, BOUNDS);
    server = new DashboardServer(dashboard);
    url = await server.listen(0);
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await server.close();
  });

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      // Animations keep the processor busy as long as the page is open.
      reducedMotion: 'reduce',
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) faults.push(`asked for ${request.url()}`);
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  /**
   * The history comes first: a page that is open would be too slow for ten minutes in one go, and skip most. Resolves once all
   * of it is shown: until then what is seen changes, and lists move under the pointer.
   */
  async function openWithHistory(options?: BrowserContextOptions): Promise<Page> {
    for (const snapshot of showcase(end)) watch.tell(snapshot);
    const page = await open(options);
    await shows(page, `${clock(end)}, live`);
    return page;
  }

  const shows = (page: Page, text: string | RegExp) =>
    page.getByText(text).filter({ visible: true }).first().waitFor({ timeout: PATIENCE_MS });

  test('shows servers, clients, calls and what has happened, and asks nobody else for anything', async () => {
    const page = await openWithHistory();
    const servers = page.getByRole('table', { name: /^Each server/ });
    await servers.getByRole('row').nth(4).waitFor();
    expect(await servers.getByRole('row').allInnerTexts()).toEqual([
      expect.stringMatching(/^Server\s+State\s+Calls\/s/),
      expect.stringMatching(/^inventory-1\s+alive/),
      expect.stringMatching(/^inventory-2\s+alive/),
      expect.stringMatching(/^inventory-3\s+dead/),
      expect.stringMatching(/^inventory-4\s+suspect/),
    ]);
    await page
      .getByRole('definition')
      .filter({ hasText: /^2 of 4$/ })
      .waitFor();
    await page
      .getByRole('img', { name: /3 clients and 4 servers. inventory-1 alive in zone eu-1a/ })
      .waitFor();
    const slowest = page.getByRole('table', { name: /^The slowest/ });
    expect(await slowest.getByRole('rowheader').first().innerText()).toBe('order.place');
    const failing = page.getByRole('table', { name: /^Those that fail/ });
    expect(await failing.getByRole('rowheader').first().innerText()).toBe('order.place');
    const events = page.getByRole('region', { name: 'What happened' }).getByRole('listitem');
    expect(await events.first().innerText()).toMatch(/inventory-3 lost 5 calls of shop gateway/);
    expect(await events.count()).toBe(12);
    expect(faults).toEqual([]);
  });

  test('tells where servers belong, how calls are shared, and how the servers were found', async () => {
    const page = await openWithHistory();
    const map = page.getByRole('region', { name: 'Who calls whom' });
    const titles = await map
      .locator('text.group')
      .evaluateAll((all) => all.map((each) => each.firstChild?.textContent));
    expect(titles).toEqual(['zone eu-1a', 'zone eu-1b']);
    await map
      .locator('text')
      .filter({ hasText: /100.% in eu-1a/u })
      .waitFor();
    const servers = page.getByRole('table', { name: /^Each server/ });
    expect(await cellsOf(servers, 'Zone')).toEqual(['eu-1a', 'eu-1a', 'eu-1b', 'eu-1b']);
    // All have the same.
    expect(await servers.getByRole('columnheader', { name: 'Priority' }).count()).toBe(0);
    const zones = page.getByRole('table', { name: /^How calls are shared/ });
    expect(await zones.getByRole('row').allInnerTexts()).toEqual([
      expect.stringMatching(/^Client\s+Zone\s+Stay in it\s+By priority/),
      expect.stringMatching(/^shop gateway\s+eu-1a\s+100.%\s+–/u),
      expect.stringMatching(/^warehouse\s+eu-1b\s+0.%\s+–/u),
    ]);
    const discoveries = page.getByRole('table', { name: /^How clients find/ });
    expect(await discoveries.getByRole('row').nth(1).innerText()).toMatch(
      /^shop gateway\s+dns tcp:\/\/inventory.shop.svc:5555\s+4\s+9.min 19.s ago\s+3.min 20.s ago: SERVFAIL/su,
    );
    const detail = page.getByRole('region', { name: 'One server' });
    expect(await detail.locator('dl').innerText()).toMatch(
      /Zone\s+eu-1a\s+Priority\s+0\s+Weight\s+1\s+Service\s+inventory\s+Found as\s+inventory.shop.svc/,
    );
    expect(faults).toEqual([]);
  });

  test('shows shares by priority, a discovery that fails, and what it adds; nothing of the kind where there is none', async () => {
    const page = await open();
    const at = Date.now();
    watch.tell(snapshotOf(at));
    await shows(page, 'tcp://127.0.0.1:a');
    const clients = page.getByRole('region', { name: 'Where clients call' });
    expect(await clients.count()).toBe(0);
    expect(await page.getByRole('columnheader', { name: 'Zone' }).count()).toBe(0);
    const discovery = {
      name: 'dns orders',
      servers: 2,
      lastSetMs: 1000,
      lastChangeMs: 1000,
      lastErrorMs: 2000,
      lastError: 'SERVFAIL',
      isFailing: true,
    };
    const priorities = [
      { priority: 0, share: 0.7, localShare: 1 },
      { priority: 1, share: 0.3, localShare: 1 },
    ];
    const text = 'was added by discovery: dns orders';
    watch.tell(
      snapshotOf(at + 1000, {
        servers: [serverOf('a'), serverOf('b', { priority: 1 })],
        clients: [clientOf('shop', { priorities, discovery })],
        events: [eventOf({ at: at + 1000, kind: 'added', text })],
      }),
    );
    await clients.getByText(/0: 70.%, 1: 30.%/u).waitFor();
    const failing = clients.locator('td[data-tone=bad]');
    expect(await failing.innerText()).toMatch(/^fails, 2.s ago: SERVFAIL$/u);
    await page.locator('text.group').filter({ hasText: 'priority 1' }).waitFor();
    expect(await cellsOf(page.getByRole('table', { name: /^Each server/ }), 'Priority')).toEqual([
      '0',
      '1',
    ]);
    const happened = page.getByRole('region', { name: 'What happened' }).getByRole('listitem');
    expect(await happened.first().innerText()).toMatch(/a was added by discovery: dns orders/);
    await eventually(async () => {
      const log = page.getByRole('log', { name: 'News' });
      expect(await log.innerText()).toBe(`a ${text}.`);
    });
    expect(faults).toEqual([]);
  });

  test('has landmarks, headings, captions and names, by which a screen reader finds its way', async () => {
    const page = await openWithHistory();
    await shows(page, 'inventory-1');
    for (const landmark of ['banner', 'main', 'contentinfo'] as const) {
      expect(await page.getByRole(landmark).count()).toBe(1);
    }
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    for (const name of [
      'In all',
      'Timeline',
      'Who calls whom',
      'Servers',
      'Where clients call',
      'Patterns',
      'One server',
      'What happened',
    ]) {
      expect(await page.getByRole('heading', { level: 2, name, exact: true }).count()).toBe(1);
      expect(await page.getByRole('region', { name, exact: true }).count()).toBe(1);
    }
    for (const table of await page.getByRole('table').all()) {
      expect(await table.locator('caption').innerText()).not.toBe('');
      expect(await table.locator('thead th:not([scope=col])').count()).toBe(0);
      expect(await table.locator('tbody th:not([scope=row])').count()).toBe(0);
    }
    const slider = page.getByRole('slider', { name: 'Moment shown' });
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d:\d\d, live$/);
    expect(await page.getByRole('status').innerText()).toBe('Connected');
    expect(await page.getByRole('log', { name: 'News' }).getAttribute('aria-live')).toBe('polite');
    // What has no name, no screen reader can tell.
    const nameless = await page
      .locator('button, input, [role=img]')
      .evaluateAll(
        (all) =>
          all.filter((each) => !(each.textContent || each.getAttribute('aria-label'))).length,
      );
    expect(nameless).toBe(0);
    // Colours say nothing that words do not say.
    const states = await page
      .getByRole('table', { name: /^Each server/ })
      .locator('tbody td:nth-child(2)')
      .allInnerTexts();
    expect(states).toEqual(['alive', 'alive', 'dead', 'suspect']);
  });

  test('reads aloud what happens now, and not what has happened before it was opened', async () => {
    const page = await open();
    watch.tell(
      snapshotOf(Date.now() - 60_000, {
        events: [eventOf({ at: Date.now() - 60_000, text: 'was old' })],
      }),
    );
    await shows(page, 'was old');
    const log = page.getByRole('log', { name: 'News' });
    expect(await log.innerText()).toBe('');
    const now = Date.now();
    watch.tell(
      snapshotOf(now, {
        events: [
          eventOf({ at: now }),
          eventOf({ at: now, kind: 'failover', text: 'lost 2 calls' }),
        ],
      }),
    );
    await eventually(async () => {
      expect(await log.innerText()).toBe('a is down: the connection was closed. And 1 more.');
    });
  });

  test('can be used with the keyboard alone', async () => {
    const page = await openWithHistory();
    await shows(page, 'inventory-1');

    // Past everything to the servers, to the third one, and into its details.
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the servers');
    await page.keyboard.press('Enter');
    await tabTo(page, 'inventory-3');
    await page.keyboard.press('Enter');
    const detail = page.getByRole('region', { name: 'One server' });
    await detail.getByRole('heading', { level: 3, name: 'inventory-3' }).waitFor();
    // The focus stays at the name: what has changed elsewhere is read aloud.
    const log = page.getByRole('log', { name: 'News' });
    expect(await log.innerText()).toBe('One server: inventory-3, dead.');
    await detail.getByText('dead: the connection was closed').waitFor();

    // An update leaves the focus where it is.
    const newest = showcase(end).at(-1) ?? snapshotOf(0);
    watch.tell({ ...newest, at: end + 1000 });
    await shows(page, `${clock(end + 1000)}, live`);
    expect(await focused(page)).toBe('inventory-3');

    // Back in time: 20 s ago it was alive.
    // By the time of the snapshots, not by that of this test.
    await page.getByRole('slider').focus();
    for (let step = 0; step < 20; step++) await page.keyboard.press('ArrowLeft');
    await detail.getByText('alive', { exact: true }).waitFor();
    await shows(page, /, 20.s ago$/u);
    expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toMatch(/, 20.s ago$/u);

    // What is shown stays while time goes on.
    const moment = await page.locator('#moment').innerText();
    watch.tell({ ...newest, at: end + 6000 });
    await eventually(async () => {
      expect(await page.locator('#moment').innerText()).not.toBe(moment);
    });
    expect((await page.locator('#moment').innerText()).slice(0, 8)).toBe(moment.slice(0, 8));

    // As far back as it goes, and to now.
    await page.keyboard.press('Home');
    await shows(page, /, (9|10).min.* ago$/u);
    expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toMatch(/, (9|10).min/u);
    const live = page.getByRole('button', { name: 'Live' });
    expect(await live.getAttribute('aria-pressed')).toBe('false');
    await live.focus();
    await page.keyboard.press('Enter');
    await detail.getByText('dead: the connection was closed').waitFor();
    expect(await live.getAttribute('aria-pressed')).toBe('true');
    expect(faults).toEqual([]);
  });

  test('shows where the focus is', async () => {
    const page = await open();
    watch.tell(snapshotOf(Date.now()));
    await shows(page, 'tcp://127.0.0.1:a');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineWidth');
    expect(outline).toBe('2px');
  });

  test('an event leads to the moment that shows it', async () => {
    const page = await openWithHistory();
    const happened = page.getByRole('region', { name: 'What happened' });
    const ejected = happened.getByRole('listitem').filter({ hasText: 'was ejected' });
    await ejected.getByRole('button').click();
    const row = page
      .getByRole('table', { name: /^Each server/ })
      .getByRole('row')
      .filter({ hasText: 'inventory-4' });
    await row.getByText('suspect').waitFor();
    await shows(page, /5.min 4.s ago$/u);
    const moment = (await page.locator('#moment').innerText()).slice(0, 8);
    const log = page.getByRole('log', { name: 'News' });
    expect(await log.innerText()).toBe(`The page shows ${moment}.`);
    expect(faults).toEqual([]);
  });

  test('what peers call themselves is text, whatever it contains', async () => {
    const page = await open();
    const evil =
      '<img src="https://evil.example/x" onerror="window.isHacked=1"><script>window.isHacked=1</script>';
    const servers = [
      serverOf('x', {
        id: evil,
        endpoint: evil,
        reason: evil,
        state: 'suspect',
        noStats: evil,
        name: evil,
        service: evil,
        zone: evil,
        patterns: [patternOf(evil, { errors: 1 })],
      }),
    ];
    const clients = [clientOf(evil, { links: [linkOf(evil)], patterns: [patternOf(evil)] })];
    const at = Date.now();
    watch.tell(
      snapshotOf(at, {
        servers,
        clients,
        events: [eventOf({ at, endpoint: evil, serverId: evil, text: evil })],
      }),
    );
    await shows(page, evil);
    expect(await page.locator('img, script:not([type=module])').count()).toBe(0);
    expect(await page.evaluate('window.isHacked')).toBeUndefined();
    expect(faults).toEqual([]);
  });

  test('finds its server again, and says so meanwhile', async () => {
    const page = await open();
    watch.tell(snapshotOf(Date.now()));
    await shows(page, 'Connected');
    const { port } = new URL(url);
    await server.close();
    await shows(page, 'This page’s server does not answer. Trying again …');
    watch = new FakeWatch();
    server = new DashboardServer(new Dashboard(watch, BOUNDS));
    await server.listen(Number(port));
    await shows(page, 'Connected');
    watch.tell(snapshotOf(Date.now(), { servers: [serverOf('back-again')] }));
    await shows(page, 'back-again');
    expect(await page.getByRole('status').innerText()).toBe('Connected');
  });

  test('says what its server answers instead of events', async () => {
    const page = await open();
    await shows(page, 'Connected');
    dashboard.close();
    await shows(page, 'This page’s server answers with the status 503. Trying again …');
    dashboard.open();
    await shows(page, 'Connected');
    expect(await page.getByRole('status').innerText()).toBe('Connected');
  });

  test('a page too many says so', async () => {
    for (let n = 0; n < BOUNDS.maxViewers; n++) {
      await shows(await open(), 'Connected');
    }
    const last = await open();
    await shows(last, /^4 pages are open already/);
    expect(await last.getByRole('status').innerText()).toMatch(
      /the most that this server allows. Trying again …$/,
    );
  });

  test.each(['light', 'dark'] as const)(
    'can be read in %s: the contrast of all text is at least 4.5',
    async (colorScheme) => {
      const page = await openWithHistory({ colorScheme });
      await shows(page, 'inventory-1');
      const contrasts = readFileSync(new URL('contrasts.js', import.meta.url), 'utf8');
      const faint = await page.evaluate(`(() => { ${contrasts}\nreturn faintTexts(4.5); })()`);
      expect(faint).toEqual([]);

      const picture = await page.screenshot({ fullPage: true });
      expect(picture.length).toBeGreaterThan(10_000);
      if (PICTURES) {
        const script = readFileSync(new URL('few-colours.js', import.meta.url), 'utf8');
        const png = JSON.stringify(picture.toString('base64'));
        const drawn = await page.evaluate(`(() => { ${script}\nreturn inFewColours(${png}); })()`);
        const file = new URL(`../../docs/dashboard-${colorScheme}.webp`, import.meta.url);
        const args = ['-quiet', '-lossless', '-z', '9', '-o', fileURLToPath(file), '--', '-'];
        execFileSync('cwebp', args, {
          input: Buffer.from(String(drawn).split(',')[1] ?? '', 'base64'),
        });
      }
    },
  );

  test('follows the system, and the switch overrides it', async () => {
    const page = await open({ colorScheme: 'dark' });
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const dark = await background();
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await background();
    expect(dark).not.toBe(light);
    const button = page.getByRole('button', { name: /^Theme/ });
    await button.click();
    await button.click();
    expect(await button.innerText()).toBe('Theme: dark');
    expect(await background()).toBe(dark);
    await page.reload();
    expect(await button.innerText()).toBe('Theme: dark');
    expect(await background()).toBe(dark);
    await button.click();
    expect(await background()).toBe(light);
  });

  test('stands still for those who want less motion', async () => {
    const page = await open({ reducedMotion: 'no-preference' });
    await shows(page, 'Connected');
    const animation = () =>
      page.evaluate(`getComputedStyle(document.querySelector('#connection .mark')).animationName`);
    expect(await animation()).toBe('breathe');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await animation()).toBe('none');
  });

  test('fits a narrow screen: nothing makes it wider than that', async () => {
    const page = await openWithHistory({ viewport: { width: 360, height: 740 } });
    await shows(page, 'inventory-1');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });
});

/** What a table says in a column. */
async function cellsOf(table: Locator, title: string): Promise<string[]> {
  const titles = await table.locator('thead th').allInnerTexts();
  const column = titles.indexOf(title) + 1;
  return table.locator(`tbody tr > :nth-child(${column})`).allInnerTexts();
}

/** The text of what has the focus. */
function focused(page: Page): Promise<unknown> {
  return page.evaluate('document.activeElement.textContent');
}

async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 100; presses++) {
    if ((await focused(page)) === text) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`100 tabs do not lead to ${text}`);
}
