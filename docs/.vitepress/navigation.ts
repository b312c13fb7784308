import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DefaultTheme } from 'vitepress';
import { pageOf } from './pages.js';

/** A file, with its first heading as the text, or with a shorter text. */
type Entry = string | { file: string; text: string };

/** Every page in `docs` is here; `test/site/navigation.test.ts` holds that. */
const GROUPS: { text: string; entries: Entry[] }[] = [
  {
    text: 'Begin',
    entries: [
      { file: 'README.md', text: 'What it is' },
      'docs/when.md',
      { file: 'docs/start.md', text: 'Get started' },
      { file: 'docs/coming-from.md', text: 'Migration from other transports' },
      'docs/faq.md',
    ],
  },
  {
    text: 'Use it',
    entries: [
      'docs/calls.md',
      'docs/deadlines.md',
      'docs/streams.md',
      'docs/events.md',
      'docs/contracts.md',
      'docs/options.md',
    ],
  },
  {
    text: 'Be sure of it',
    entries: [
      'docs/failover.md',
      'docs/routing.md',
      'docs/guarantees.md',
      'docs/testing.md',
      'docs/limits.md',
    ],
  },
  {
    text: 'Run it',
    entries: [
      'docs/running.md',
      'docs/discovery.md',
      'docs/zones.md',
      'docs/scale.md',
      'docs/hosts.md',
      'docs/engines.md',
      'docs/troubleshooting.md',
    ],
  },
  {
    text: 'Watch it',
    entries: [
      'docs/observability.md',
      'docs/opentelemetry.md',
      'docs/prometheus.md',
      'docs/health.md',
      'docs/cli.md',
      'docs/dashboard.md',
    ],
  },
  {
    text: 'Secure it',
    entries: [
      'docs/security.md',
      'docs/tls.md',
      { file: 'SECURITY.md', text: 'What is promised' },
      { file: 'docs/curve-review.md', text: 'Review of CURVE' },
    ],
  },
  {
    text: 'Performance',
    entries: [
      'docs/performance.md',
      'benchmark/README.md',
      { file: 'benchmark/results/table.md', text: 'All results' },
    ],
  },
  {
    text: 'Protocol',
    entries: [
      'PROTOCOL.md',
      { file: 'protocol/README.md', text: 'Vectors' },
      { file: 'docs/zmtp.md', text: 'ZMTP' },
    ],
  },
  {
    text: 'Samples',
    entries: readdirSync(new URL('../../sample', import.meta.url)).map(
      (name) => `sample/${name}/README.md`,
    ),
  },
  {
    text: 'The project',
    entries: [
      'docs/versions.md',
      'CHANGELOG.md',
      'docs/dependencies.md',
      'ARCHITECTURE.md',
      'CONTRIBUTING.md',
      { file: 'CODE_OF_CONDUCT.md', text: 'Code of conduct' },
    ],
  },
];

const REFERENCE = 'docs/api';

/** Every file that the navigation names. */
export const navigated = (): string[] =>
  GROUPS.flatMap(({ entries }) =>
    entries.map((entry) => (typeof entry === 'string' ? entry : entry.file)),
  );

const linkTo = (file: string) => `/${pageOf(file) ?? file}`.replace(/(index)?\.md$/, '');

function titleOf(root: string, file: string): string {
  const [, title = file] = /^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8')) ?? [];
  return title.replace(/[`\\]/g, '');
}

function item(root: string, entry: Entry): DefaultTheme.SidebarItem {
  const { file, text } =
    typeof entry === 'string' ? { file: entry, text: titleOf(root, entry) } : entry;
  return { text, link: linkTo(file) };
}

/** The pages of a folder that typedoc wrote. A page with a folder of its name says what the pages in that are about. */
function reference(root: string, folder: string): DefaultTheme.SidebarItem[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const folders = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  return entries
    .filter(({ name }) => name.endsWith('.md') && name !== 'README.md')
    .map(({ name }) => {
      const file = `${folder}/${name}`;
      const page = basename(name, '.md');
      // What is exported has its name as that of its file, the entry points have a heading.
      const text = folder === REFERENCE ? titleOf(root, file) : page;
      const link = linkTo(file);
      if (!folders.has(page)) return { text, link };
      return { text, link, items: reference(root, `${folder}/${page}`), collapsed: true };
    })
    .toSorted((one, other) => one.text.localeCompare(other.text, 'en'));
}

/** The sidebar of the guide, and that of the reference, which is as large. */
export function sidebar(root: string): DefaultTheme.SidebarMulti {
  const groups = GROUPS.map(({ text, entries }, index) => ({
    text,
    items: entries.map((entry) => item(root, entry)),
    // The first groups are what a reader begins with; the whole list is longer than a screen.
    collapsed: index > 2,
  }));
  const api = { text: 'API reference', link: linkTo(`${REFERENCE}/README.md`) };
  return {
    '/api/': [{ ...api, items: reference(root, REFERENCE) }],
    '/': [...groups, api],
  };
}
