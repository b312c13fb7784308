import { setTimeout as delay } from 'node:timers/promises';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Memory of a process after a garbage collection, in bytes. */
export interface Memory {
  /** The objects of JavaScript, and all that is resident but V8's heap: buffers, handles, native libraries. */
  readonly live: number;
  /** With the pages of V8's heap that stand empty, of which it keeps many: others may grow into them unseen. */
  readonly rss: number;
}

/** One collection releases objects whose finalizers and closed handles release more; pages are returned in the background. */
const MOST_COLLECTIONS = 10;

const PAUSE_MS = 50;

/** If less than this was released since the last collection, in bytes, memory is steady. */
const STEADY = 100_000;

export async function settledMemory(): Promise<Memory> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let last = Infinity;
  let memory = read();
  for (let collection = 0; collection < MOST_COLLECTIONS; collection++) {
    if (Math.abs(last - memory.live) < STEADY) break;
    last = memory.live;
    collect();
    await delay(PAUSE_MS);
    memory = read();
  }
  return memory;
}

function read(): Memory {
  const rss = process.memoryUsage.rss();
  const { total_physical_size: ofHeap, used_heap_size: used } = getHeapStatistics();
  return { live: rss - ofHeap + used, rss };
}
