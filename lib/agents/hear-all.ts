/**
 * Hears of messages, or of calls, one after the other. A listener of the user's that throws at one of them costs the others
 * nothing.
 *
 * @throws the first that was thrown, once all are heard
 */
export function hearAll<Item>(items: readonly Item[], hear: (item: Item) => void): void {
  const thrown: unknown[] = [];
  for (const item of items) {
    try {
      hear(item);
    } catch (error) {
      thrown.push(error);
    }
  }
  if (thrown.length > 0) throw thrown[0];
}
