/** @import { PageSnapshot } from '../page-snapshot.js' */

/** Beside this file, wherever the page is mounted. */
const EVENTS = new URL('./events', import.meta.url);

/** When to ask again after the server has answered with something else than events, in ms. */
const ASK_AGAIN_MS = 3000;

/**
 * @typedef {object} FeedListener
 * @property {(run: string, keepMs: number, now: number) => void} began its server's time is `now`
 * @property {(number: number, snapshot: PageSnapshot) => void} came
 * @property {(snapshots: number) => void} skipped the page reads too slowly
 * @property {() => void} connected
 * @property {(why: string) => void} lost it is looked for until it is back
 */

/** The server-sent events of this page's server. Looks for the server until it is back. @param {FeedListener} listener */
export function openFeed(listener) {
  const source = new EventSource(EVENTS);
  let isFull = false;

  source.addEventListener('open', () => {
    isFull = false;
    listener.connected();
  });
  source.addEventListener('hello', ({ data }) => {
    const { run, keepMs, now } = JSON.parse(data);
    listener.began(run, keepMs, now);
  });
  source.addEventListener('message', ({ data, lastEventId }) => {
    listener.came(Number(lastEventId.split('-').at(-1)), JSON.parse(data));
  });
  source.addEventListener('skipped', ({ data }) => listener.skipped(JSON.parse(data).snapshots));
  source.addEventListener('full', ({ data }) => {
    isFull = true;
    const { max } = JSON.parse(data);
    listener.lost(`${max} pages are open already, the most that this server allows. Trying again`);
  });
  source.addEventListener('error', () => {
    // The browser asks again by itself.
    if (source.readyState === EventSource.CONNECTING) {
      if (!isFull) listener.lost('This page’s server does not answer. Trying again');
      return;
    }
    void whyClosed().then((why) => listener.lost(`${why} Trying again`));
    setTimeout(() => openFeed(listener), ASK_AGAIN_MS);
  });
}

/** An event source does not tell with which status the server has answered. */
async function whyClosed() {
  try {
    const { status } = await fetch(EVENTS, { method: 'HEAD' });
    if (status === 200) return 'This page’s server is back.';
    if (status === 401 || status === 403) return 'You may not see this any more: sign in again.';
    return `This page’s server answers with the status ${status}.`;
  } catch {
    return 'This page’s server does not answer.';
  }
}
