// Draws the badges of README from package.json, so that they are true by construction. No service is asked, and no reader tracked.
//
//   node scripts/badges.mjs          writes docs/badges
//
// scripts/check-docs.mjs compares them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './workshop.mjs';

export function badges() {
  const { version, engines, license, peerDependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const texts = {
    version: ['version', version],
    node: ['Node', withoutZeros(engines.node)],
    nest: ['Nest', majorsOf(peerDependencies['@nestjs/core'])],
    license: ['license', license],
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, [label, value]]) => [`${name}.svg`, draw(label, value)]),
  );
}

/** ^20.19.0 || >=22.12.0 → ^20.19 || >=22.12 */
function withoutZeros(range) {
  return range.replaceAll(/(\d+\.\d+)\.0\b/g, '$1');
}

/** ^11.0.0 || ^12.0.0 → 11, 12 */
function majorsOf(range) {
  return [...range.matchAll(/\^(\d+)/g)].map(([, major]) => major).join(', ');
}

/** Monospaced, so that the width of a text is known without its font. */
const CHARACTER = 6.6;
const PADDING = 7;

function draw(label, value) {
  const [left, right] = [label, value].map((text) =>
    Math.round(text.length * CHARACTER + 2 * PADDING),
  );
  const written = escaped(value);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${label}: ${written}">
  <title>${label}: ${written}</title>
  <rect width="${left}" height="20" fill="#444"/>
  <rect x="${left}" width="${right}" height="20" fill="#06c"/>
  <g fill="#fff" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="11" text-anchor="middle">
    <text x="${left / 2}" y="14">${label}</text>
    <text x="${left + right / 2}" y="14">${written}</text>
  </g>
</svg>
`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = join(root, 'docs/badges');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(badges())) writeFileSync(join(folder, name), text);
}
