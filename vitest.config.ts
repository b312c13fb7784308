import { configDefaults, defineConfig } from 'vitest/config';

/** Pure functions, and agents over fake sockets: they leave nothing behind that another test could meet. */
const UNITS = ['core', 'protocol', 'security', 'agents', 'nest', 'benchmark'].map(
  (room) => `test/${room}/**/*.test.ts`,
);

export default defineConfig({
  resolve: {
    // Tests in this process run the source; the processes they start run the build.
    alias: { 'nestjs-freelance': new URL('lib/index.ts', import.meta.url).pathname },
  },
  test: {
    setupFiles: ['test/support/quiet.ts'],
    // End-to-end tests start processes, on a machine that may be busy.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'units', include: UNITS, isolate: false } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...UNITS],
        },
      },
    ],
  },
});
