/** Pages that lie elsewhere in the repository, and their paths on the site. */
const ELSEWHERE = new Map([
  ['README.md', 'overview.md'],
  ['ARCHITECTURE.md', 'architecture.md'],
  ['CHANGELOG.md', 'changelog.md'],
  ['CODE_OF_CONDUCT.md', 'code-of-conduct.md'],
  ['CONTRIBUTING.md', 'contributing.md'],
  ['PROTOCOL.md', 'protocol.md'],
  ['SECURITY.md', 'security-policy.md'],
  ['benchmark/README.md', 'benchmark.md'],
  ['benchmark/results/table.md', 'benchmark-results.md'],
  ['protocol/README.md', 'vectors.md'],
]);

/** Folders with Markdown that is for those who change the code. */
export const NO_PAGES = ['**/.*/**', 'lib/**', 'scripts/**', 'site/**', 'test/**'];

/** @returns the path on the site of a Markdown file of the repository, or undefined if it is no page */
export function pageOf(file: string): string | undefined {
  const elsewhere = ELSEWHERE.get(file);
  if (elsewhere !== undefined) return elsewhere;
  const [, sample] = /^sample\/([\w-]+)\/README\.md$/.exec(file) ?? [];
  if (sample !== undefined) return `samples/${sample}.md`;
  const [, ofDocs] = /^docs\/([\w-]+\.md|api\/.*\.md)$/.exec(file) ?? [];
  return ofDocs?.replace(/(^|\/)README\.md$/, '$1index.md');
}
