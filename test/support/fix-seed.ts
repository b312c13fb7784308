import { configureGlobal } from 'fast-check';

/** Properties use the same seed in each run; `npm run test:random` uses another. */
export function fixSeed(seed: number): void {
  configureGlobal({ seed: Number(process.env['FAST_CHECK_SEED'] ?? seed) });
}
