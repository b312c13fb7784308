import { defineConfig } from 'vitest/config';

const floor = process.env['MUTATED_FLOOR'] ?? '*';

/** The tests that have to notice a mutant: those of its own floor. */
export default defineConfig({
  test: {
    setupFiles: ['test/support/quiet.ts'],
    include: [`test/${floor}/**/*.test.ts`],
    isolate: false,
    // A mutant that never ends is one that was found.
    testTimeout: 60_000,
  },
});
