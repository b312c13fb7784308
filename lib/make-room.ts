/** Evicts the oldest entry of a collection that has reached its bound, so that one more fits. */
export function makeRoom<Key>(kept: Map<Key, unknown> | Set<Key>, most: number): void {
  if (kept.size < most) return;
  const [oldest] = kept.keys();
  if (oldest !== undefined) kept.delete(oldest);
}
