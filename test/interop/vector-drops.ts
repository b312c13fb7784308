import type { Vector } from '../protocol/vector-files.js';

/** How often a peer drops something for each reason when it hears these vectors. */
export function dropsOf(heard: readonly Vector[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { expected } of heard) {
    const messages = 'malformed' in expected ? [expected] : (expected.messages ?? []);
    for (const one of messages) {
      // What would fail a call belongs to none here.
      if ('malformed' in one && one.receiver === 'drops')
        counts[one.malformed] = (counts[one.malformed] ?? 0) + 1;
    }
  }
  return counts;
}
