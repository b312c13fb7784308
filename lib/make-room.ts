/** Makes room for one more in what may keep so many: the oldest goes. */
export function makeRoom<Key>(kept: Map<Key, unknown> | Set<Key>, most: number): void {
  if (kept.size < most) return;
  const [oldest] = kept.keys();
  if (oldest !== undefined) kept.delete(oldest);
}
