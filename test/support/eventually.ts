import { vi } from 'vitest';

/** How long something may take that a quiet machine does in milliseconds: a net for what hangs, below that of a test. */
const PATIENCE_MS = 200_000;

/** Resolves once the check passes. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: PATIENCE_MS, interval: 10 });
}
