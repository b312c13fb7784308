import { defineConfig } from 'vitest/config';

const layer = process.env['MUTATED_LAYER'] ?? '*';

/** The tests that have to notice a mutant: those of its own layer. */
export default defineConfig({
  test: {
    setupFiles: ['test/support/quiet.ts'],
    include: [`test/${layer}/**/*.test.ts`],
    isolate: false,
    // A mutant that never ends is one that was found.
    testTimeout: 60_000,
  },
});
