import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EndpointDiscovery } from '../core/endpoint-discovery.js';
import type { ServerTarget } from '../core/server-target.js';
import { isError } from '../is-error.js';
import { badOptions } from '../nest/options/bad-options.js';
import { shown } from '../nest/options/shown.js';
import type { DiscoveryDeps } from './discovery-deps.js';
import { LookupError } from './lookup-error.js';
import type { Answer, WatchOptions } from './shared-watch.js';

type Entries = readonly (string | ServerTarget)[];

/** The longest file, in bytes: ten thousand servers of a hundred bytes each. */
const MOST_BYTES = 1024 * 1024;

/** In ms: how often the file is read, in case a change was not noticed, as on some network file systems. */
const POLL_MS = 2000;

/** In ms, from one reading to the next, at least. */
const GAP_MS = 100;

/** In ms: a file that makes no sense may be half-written, and is read once more after that. */
const SETTLE_MS = 200;

/** @throws FreelanceError `BAD_OPTIONS` */
export function fileDiscovery(given: string | URL, deps: DiscoveryDeps): EndpointDiscovery {
  const path = pathOf(given);
  const key = JSON.stringify(['file', path]);
  return {
    name: `file ${path}`,
    watch: (watch) => deps.watches.follow(key, () => fileWatch(path, deps), watch),
  };
}

function fileWatch(path: string, { files, environment }: DiscoveryDeps): WatchOptions<Entries> {
  const { clock } = environment;
  const read = async (): Promise<Answer<Entries>> => ({
    value: entriesOf(path, await textOf(path, () => files.read(path, MOST_BYTES))),
    ttlMs: POLL_MS,
    warnings: [],
  });
  return {
    ask: (signal) =>
      read().catch(async (error: unknown) => {
        if (!(error instanceof MalformedFile)) throw error;
        await new Promise<void>((done) => {
          const cancel = clock.after(SETTLE_MS, done);
          signal.addEventListener('abort', cancel, { once: true });
        });
        return read();
      }),
    pace: { gapMs: GAP_MS, afterAnswer: (ttlMs) => ttlMs, afterFailure: () => POLL_MS },
    clock,
    notice: (changed) => files.watch(path, changed),
  };
}

async function textOf(path: string, read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (error) {
    const why = isError(error) ? error.message : String(error);
    throw new LookupError(`${path} cannot be read: ${why}`);
  }
}

/** A file that holds something else than it should, now. */
class MalformedFile extends LookupError {}

function entriesOf(path: string, text: string): Entries {
  let value: unknown;
  try {
    // Some editors write a byte order mark.
    value = JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch (error) {
    const why = isError(error) ? error.message : String(error);
    throw new MalformedFile(`${path} is not JSON: ${why}`);
  }
  // What its entries are, the client reads.
  if (Array.isArray(value)) return value as Entries;
  throw new MalformedFile(
    `${path} must be a JSON array of addresses, or of objects like {"endpoint": "tcp://10.0.0.1:5555"}, but is ${shown(value)}`,
  );
}

function pathOf(given: string | URL): string {
  try {
    if (given instanceof URL) return fileURLToPath(given);
    if (typeof given === 'string' && given !== '' && !given.includes('\0')) return resolve(given);
  } catch {
    // Not a URL of a file.
  }
  throw badOptions(`fileEndpoints takes the path of a file, or its URL, but got ${shown(given)}`);
}
