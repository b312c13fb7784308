import { vi } from 'vitest';

/** Long enough for whatever takes milliseconds on a quiet machine, and shorter than the time limit of a test. */
const PATIENCE_MS = 200_000;

/** Resolves once the check passes. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: PATIENCE_MS, interval: 10 });
}
