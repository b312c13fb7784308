import { vi } from 'vitest';

/** Resolves once the check passes. It need not be quick: a machine that runs tests may be busy. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000, interval: 10 });
}
