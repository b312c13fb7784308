import type { Chart, Panel, Tone } from './chart.js';
import { card, coordinate, group, HEAD, MARGIN, text, WIDTH } from './elements.js';
import { BAR_STYLE } from './style.js';

const PANEL_HEAD = 24;
const PANEL_GAP = 26;
const ROW = 19;
const BAR = 12;
const CORNER = 2;
/** Room for the longest name of what is compared. */
const LABEL = 150;
const VALUE = 56;

/** A chart of horizontal bars, which follows the reader's choice of light or dark. */
export function svg({ title, note, columns, panels }: Chart): string {
  const panelWidth = (WIDTH - 2 * MARGIN - (columns - 1) * PANEL_GAP) / columns;
  const drawn: string[] = [];
  let top = HEAD;
  for (let first = 0; first < panels.length; first += columns) {
    const row = panels.slice(first, first + columns);
    for (const [column, panel] of row.entries()) {
      const left = MARGIN + LABEL + column * (panelWidth + PANEL_GAP);
      drawn.push(group(left, top, drawPanel(panel, panelWidth)));
    }
    top += Math.max(...row.map(heightOf)) + PANEL_GAP;
  }
  const height = top - PANEL_GAP + MARGIN;
  return card({ title, note, height, style: BAR_STYLE }, drawn);
}

function heightOf({ bars }: Panel): number {
  return PANEL_HEAD + bars.length * ROW;
}

const TONES: readonly Tone[] = ['ours', 'theirs', 'limit'];

/** Bars start at zero, with their labels on the left. Those of a tone are one path, as are the spreads: most of a picture's bytes are attributes. */
function drawPanel({ title, bars }: Panel, width: number): string[] {
  const longest = Math.max(...bars.map(({ value, high }) => Math.max(value, high)));
  const perUnit = longest > 0 ? (width - LABEL - VALUE) / longest : 0;
  const rows = bars.map((bar, index) => ({ ...bar, top: PANEL_HEAD + index * ROW }));
  const tones = TONES.map((tone) => ({ tone, of: rows.filter((row) => row.tone === tone) }));
  const spreads = rows.map(({ low, high, top }) => {
    const [from, to] = [low, high].map((amount) => coordinate(amount * perUnit));
    return `M${from} ${top + BAR / 2}H${to}`;
  });
  return [
    text({ x: -LABEL, y: 12, kind: 'panel' }, title),
    '<g class="label" transform="translate(-8)">',
    ...rows.map(({ tone, label, top }) =>
      text({ y: top + 10, kind: tone === 'ours' ? 'ours-text' : undefined }, label),
    ),
    '</g>',
    ...tones
      .filter(({ of }) => of.length > 0)
      .map(({ tone, of }) => {
        const shapes = of.map(({ value, top }) => shape(value * perUnit, top));
        return `<path class="${tone}" d="${shapes.join('\n')}"/>`;
      }),
    `<path class="spread" d="${spreads.join('')}"/>`,
    ...rows.map(({ value, high, top, text: written }) =>
      text({ x: Math.max(value, high) * perUnit + 6, y: top + 10 }, written),
    ),
  ];
}

/** A bar with round corners at its end, if it is long enough for them. */
function shape(length: number, top: number): string {
  if (length < 2 * CORNER) return `M0 ${top}h${coordinate(length)}v${BAR}H0z`;
  const straight = coordinate(length - CORNER);
  const side = BAR - 2 * CORNER;
  return `M0 ${top}h${straight}q${CORNER} 0 ${CORNER} ${CORNER}v${side}q0 ${CORNER}-${CORNER} ${CORNER}H0z`;
}
