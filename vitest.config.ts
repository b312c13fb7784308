import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** Pure functions, and agents over fake sockets: they leave nothing behind that another test could meet. */
const UNITS = [
  'core',
  'discovery',
  'protocol',
  'zmtp',
  'security',
  'agents',
  'nest',
  'fleet',
  'cli/top',
  'benchmark',
].map((room) => `test/${room}/**/*.test.ts`);

const pathOf = (path: string) => new URL(path, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    // Tests in this process run the source; the processes they start run the build.
    alias: [
      { find: /^nestjs-freelance$/, replacement: pathOf('lib/index.ts') },
      { find: /^nestjs-freelance\/(\w+)$/, replacement: pathOf('lib/$1/index.ts') },
    ],
  },
  test: {
    setupFiles: ['test/support/quiet.ts'],
    // Most of the time goes into waiting: for heartbeats, deadlines, processes. vitest's default is one less than there are cores.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    // A net for what hangs, not a measure: the slowest tests take seconds, and a busy machine ten times that.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    coverage: {
      include: ['lib/**/*.ts'],
      // What a process of its own runs is not seen.
      exclude: ['lib/bin/**', 'lib/index.ts'],
      reporter: ['text', 'html'],
      // Of the whole suite. Functions have no excuse; what sockets and processes do is in part seen by nobody.
      thresholds: {
        'lib/core/**': { branches: 95 },
        'lib/protocol/**': { branches: 95 },
        'lib/zmtp/**': { branches: 90 },
        'lib/agents/**': { branches: 85 },
        'lib/nest/**': { branches: 80 },
        'lib/security/**': { branches: 80 },
        'lib/sockets/**': { branches: 60 },
      },
    },
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
