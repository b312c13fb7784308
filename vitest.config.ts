import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // Tests in this process run the source; the processes they start run the build.
    alias: { 'nestjs-freelance': new URL('lib/index.ts', import.meta.url).pathname },
  },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/quiet.ts'],
    // End-to-end tests start processes, on a machine that may be busy.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
