import { setTimeout as delay } from 'node:timers/promises';
import type { Link } from './link.js';
import { clear, dark, deaf, lossy, mute, slow, type Weather } from './weather.js';

/** A fault of the link to a server, for this many ms. Resolves once it is over. */
export type LinkFault = (link: Link, ms: number, random: () => number) => Promise<void>;

const during =
  (weather: (random: () => number) => Weather): LinkFault =>
  async (link, ms, random) => {
    link.become(weather(random));
    await delay(ms);
    link.become(clear);
  };

/** The names of the faults in tables. */
export const LINK_FAULTS = {
  dark: during(() => dark),
  slow: during(() => slow(500)),
  lossy: during((random) => lossy(0.05, random)),
  deaf: during(() => deaf),
  mute: during(() => mute),
  async vanished(link, ms) {
    link.vanish();
    await delay(ms);
  },
} satisfies Record<string, LinkFault>;
