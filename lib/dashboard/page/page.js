import { Announcer } from './announcer.js';
import { nameOf, TONE_OF_EVENT } from './derive.js';
import { createClients } from './clients.js';
import { createDetail } from './detail.js';
import { byId, element, setAttribute, setText } from './dom.js';
import { createEventList } from './event-list.js';
import { openFeed } from './feed.js';
import { createFigures } from './figures.js';
import { clock, span } from './format.js';
import { createMap } from './map.js';
import { Moments } from './moments.js';
import { createPatterns } from './patterns.js';
import { createServerTable } from './server-table.js';
import { eventShape, mark } from './state-mark.js';
import { offerThemes } from './theme.js';
import { createTimeline } from './timeline.js';
import { createTravel } from './travel.js';

/** A watch tells something each second; this long without is worth a word, in ms. */
const SILENCE_MS = 5000;

/** What happened longer before the page was connected is history that it catches up with, and no news, in ms. */
const NEWS_MS = 10_000;

const moments = new Moments();
const announcer = new Announcer(byId('announcements'));
const travel = createTravel(
  {
    live: byId('live'),
    moment: byId('moment'),
    scrubber: /** @type {HTMLInputElement} */ (byId('scrubber')),
  },
  moments,
  () => draw(),
);

/** The chosen server; the first one until one is chosen. @type {string | undefined} */
let chosen;
let heardAt = Date.now();
/** By the clock of the server, as all events are. */
let newsSince = Infinity;
let isConnected = false;
let isDrawing = false;
let skipped = 0;

const showFigures = createFigures(byId('figures'));
const showTimeline = createTimeline(byId('plot'));
const showMap = createMap(byId('map'), choose);
const showServers = createServerTable(byId('servers'), {
  choose,
  isCurrent: (endpoint) => endpoint === current(),
});
const showClients = createClients(byId('clients'), {
  zones: byId('zones'),
  discoveries: byId('discoveries'),
});
const showPatterns = createPatterns(byId('slowest'), byId('failing'));
const showDetail = createDetail(byId('detail'), visit);
const showEvents = createEventList(byId('events'), 'Nothing yet.', visit);

offerThemes(byId('theme'));
explainMarks();
addEventListener('resize', draw);

openFeed({
  began(run, keepMs, now) {
    newsSince = now - NEWS_MS;
    moments.begin(run, keepMs);
  },
  connected() {
    isConnected = true;
    heardAt = Date.now();
    showConnection();
  },
  came(number, snapshot) {
    heardAt = Date.now();
    const isNew = moments.add(number, snapshot);
    if (isNew) announcer.tell(snapshot.events.filter(({ at }) => at > newsSince));
    draw();
  },
  skipped(count) {
    skipped += count;
  },
  lost(why) {
    isConnected = false;
    tellConnection('bad', `${why} …`);
  },
});
setInterval(showConnection, 1000);

/** Once per frame, however much comes; never while nobody looks. */
function draw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    drawNow();
  });
}

function drawNow() {
  const moment = travel.moment();
  if (!moment) return;
  const { snapshot, totals } = moment;
  const server = current();
  const until = moments.events(snapshot.at);
  travel.show();
  showFigures(totals);
  showTimeline(moments, moments.events(), travel.isLive() ? undefined : snapshot.at);
  showMap(snapshot, server);
  showServers(snapshot.servers);
  showClients(snapshot.clients);
  showPatterns(snapshot);
  showDetail(
    snapshot.servers.find(({ endpoint }) => endpoint === server),
    until.filter(({ endpoint }) => endpoint === server),
  );
  showEvents(until);
  showBounds();
}

/** @param {string} endpoint */
function choose(endpoint) {
  chosen = endpoint;
  const server = travel.moment()?.snapshot.servers.find((each) => each.endpoint === endpoint);
  if (server) announcer.confirm(`One server: ${nameOf(server)}, ${server.state}.`);
  draw();
}

/** Of an event. @param {number} at */
function visit(at) {
  travel.goTo(at);
  announcer.confirm(`The page shows ${clock(at)}.`);
}

function current() {
  const servers = travel.moment()?.snapshot.servers ?? [];
  return servers.some(({ endpoint }) => endpoint === chosen) ? chosen : servers[0]?.endpoint;
}

function showConnection() {
  if (!isConnected) return;
  // The same words each second: they are read aloud when they change.
  if (Date.now() - heardAt > SILENCE_MS)
    tellConnection('doubtful', `Connected, but no news since ${clock(heardAt)}`);
  else tellConnection('good', 'Connected');
}

/** @param {'good' | 'doubtful' | 'bad'} tone @param {string} text */
function tellConnection(tone, text) {
  const place = byId('connection');
  const shapes = /** @type {const} */ ({ good: 'up', doubtful: 'suspect', bad: 'down' });
  if (place.dataset['tone'] !== tone) {
    setAttribute(place, 'data-tone', tone);
    place.replaceChildren(mark(eventShape(shapes[tone])), document.createTextNode(''));
  }
  // The text node: a replaced one would be read aloud again.
  if (place.lastChild) setText(place.lastChild, text);
}

function showBounds() {
  const { oldest, newest, keepMs } = moments;
  if (!oldest || !newest) return;
  const back = newest.snapshot.at - oldest.snapshot.at;
  const most = back < keepMs * 0.95 ? `, of at most ${span(keepMs)}` : '';
  const gaps = skipped === 0 ? '' : ` This page read too slowly: ${skipped} snapshots are missing.`;
  setText(byId('bounds'), `Since ${clock(oldest.snapshot.at)}: ${span(back)}${most}.${gaps}`);
}

function explainMarks() {
  const kinds = /** @type {const} */ ({
    up: 'up',
    suspect: 'suspect',
    ejected: 'ejected',
    draining: 'draining',
    down: 'down',
    failover: 'calls moved elsewhere',
    added: 'added by discovery',
    removed: 'removed by discovery',
  });
  const lines = [
    element('li', {}, element('span', { class: 'swatch' }), 'calls'),
    element('li', {}, element('span', { class: 'swatch', 'data-tone': 'bad' }), 'errors'),
  ];
  const marks = Object.entries(kinds).map(([kind, words]) => {
    const known = /** @type {keyof typeof kinds} */ (kind);
    return element(
      'li',
      {},
      element(
        'span',
        { class: 'state', 'data-tone': TONE_OF_EVENT[known] },
        mark(eventShape(known)),
      ),
      words,
    );
  });
  byId('legend').append(...lines, ...marks);
}
