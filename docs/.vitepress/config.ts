import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { published, siteMarkdown } from './markdown.js';
import { sidebar } from './navigation.js';
import { NO_PAGES, pageOf } from './pages.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const markdown = siteMarkdown(root);

// `npm run site` (scripts/site.mjs) says where the result goes, and its base path.
export default defineConfig({
  title: 'nestjs-freelance',
  description: 'A NestJS microservice transport over ZeroMQ: brokerless, with failover by itself',
  lang: 'en',
  // The whole repository: pages link to each other, and to pictures, as on GitHub.
  srcDir: '..',
  srcExclude: NO_PAGES,
  rewrites: (file) => pageOf(file) ?? file,
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: markdown.options,
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/overview', activeMatch: '^/(?!api/|$)' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
      { component: 'VersionMenu' },
    ],
    sidebar: sidebar(root),
    outline: [2, 3],
    search: { provider: 'local' },
  },
  vite: {
    // A picture is a file, which a browser shows at its own address, too.
    build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 5000 },
  },
  buildEnd({ outDir }) {
    for (const file of markdown.files) {
      const to = join(outDir, published(file));
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(join(root, file), to);
    }
  },
});
