import { STYLE } from './style.js';

export const WIDTH = 860;
export const MARGIN = 20;
/** Height of the title and the note. */
export const HEAD = 62;

/** A picture as wide as a page, with its drawing below a title and a note. */
export function card(
  { title, note, height, style = '' }: CardOptions,
  drawn: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}${style}</style>`.replaceAll(/ ?([{:,;}]) ?/g, '$1'),
    `<rect class="card" x=".5" y=".5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>`,
    text({ x: MARGIN, y: 30, kind: 'title' }, title),
    text({ x: MARGIN, y: 48, kind: 'quiet' }, note),
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

export interface CardOptions {
  readonly title: string;
  readonly note: string;
  readonly height: number;
  /** Styles beyond the common ones. */
  readonly style?: string;
}

export function group(x: number, y: number, parts: readonly string[]): string {
  return `<g transform="translate(${coordinate(x)} ${coordinate(y)})">\n${parts.join('\n')}\n</g>`;
}

/** @param place at the left and without a kind of its own if not told */
export function text(
  { x = 0, y, kind }: { x?: number; y: number; kind?: string | undefined },
  written: string,
): string {
  const style = kind === undefined ? '' : ` class="${kind}"`;
  const left = x === 0 ? '' : ` x="${coordinate(x)}"`;
  return `<text${style}${left} y="${coordinate(y)}">${escaped(written)}</text>`;
}

/** To half a pixel of the page, which is a whole one of a dense screen, in as few characters as it takes. */
export function coordinate(value: number): string {
  return String(Math.round(value * 2) / 2).replace(/^(-?)0\./, '$1.');
}

function escaped(written: string): string {
  return written.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
