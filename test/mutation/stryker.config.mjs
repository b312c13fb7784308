// For scripts/mutate.mjs, which says what to mutate, and of which layer.
const layer = process.env.MUTATED_LAYER ?? 'all';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // One that changes what a module does as it loads needs a run of everything, of its own.
  ignoreStatic: true,
  // Messages are read by people, and tests name those words of them that matter.
  mutator: { excludedMutations: ['StringLiteral'] },
  concurrency: 1,
  incremental: true,
  incrementalFile: `coverage/mutation-${layer}.json`,
  reporters: ['clear-text', 'html', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: `coverage/mutation-${layer}.html` },
  tempDirName: 'coverage/stryker',
  // What the tests of those layers do not need is not copied.
  ignorePatterns: ['benchmark', 'coverage', 'docs', 'sample', 'dist', '**/dist', 'test/package'],
};
