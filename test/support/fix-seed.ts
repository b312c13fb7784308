import { configureGlobal } from 'fast-check';

/** Properties are tried on the same input in each run, on other input by `npm run test:random`. */
export function fixSeed(seed: number): void {
  configureGlobal({ seed: Number(process.env['FAST_CHECK_SEED'] ?? seed) });
}
