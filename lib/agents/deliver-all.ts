/** Calls `deliver` for every item, even if some throw, and rethrows the first error. */
export function deliverAll<Item>(items: readonly Item[], deliver: (item: Item) => void): void {
  const thrown: unknown[] = [];
  for (const item of items) {
    try {
      deliver(item);
    } catch (error) {
      thrown.push(error);
    }
  }
  if (thrown.length > 0) throw thrown[0];
}
