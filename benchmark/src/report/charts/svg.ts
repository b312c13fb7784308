import type { Chart, ChartBar, Panel } from './chart.js';
import { card, group, HEAD, MARGIN, text, WIDTH } from './elements.js';

const PANEL_HEAD = 24;
const PANEL_GAP = 26;
const ROW = 19;
const BAR = 12;
const LABEL = 112;
const VALUE = 56;

/** A chart of horizontal bars, which follows the reader's choice of light or dark. */
export function svg({ title, note, columns, panels }: Chart): string {
  const panelWidth = (WIDTH - 2 * MARGIN - (columns - 1) * PANEL_GAP) / columns;
  const drawn: string[] = [];
  let top = HEAD;
  for (let first = 0; first < panels.length; first += columns) {
    const row = panels.slice(first, first + columns);
    for (const [column, panel] of row.entries()) {
      const left = MARGIN + column * (panelWidth + PANEL_GAP);
      drawn.push(group(left, top, drawPanel(panel, panelWidth)));
    }
    top += Math.max(...row.map(heightOf)) + PANEL_GAP;
  }
  const height = top - PANEL_GAP + MARGIN;
  return card({ title, note, height }, drawn);
}

function heightOf({ bars }: Panel): number {
  return PANEL_HEAD + bars.length * ROW;
}

function drawPanel({ title, bars }: Panel, width: number): string[] {
  const longest = Math.max(...bars.map(({ value, high }) => Math.max(value, high)));
  const perUnit = longest > 0 ? (width - LABEL - VALUE) / longest : 0;
  return [
    text({ x: 0, y: 12, kind: 'panel' }, title),
    ...bars.flatMap((bar, index) => drawBar(bar, PANEL_HEAD + index * ROW, perUnit)),
  ];
}

function drawBar(
  { label, value, low, high, text: written, tone }: ChartBar,
  top: number,
  perUnit: number,
) {
  const at = (amount: number) => (LABEL + amount * perUnit).toFixed(1);
  const middle = top + BAR / 2;
  return [
    text({ x: LABEL - 8, y: top + 10, kind: tone === 'ours' ? 'label ours-text' : 'label' }, label),
    `<rect class="${tone}" x="${LABEL}" y="${top}" width="${(value * perUnit).toFixed(1)}" height="${BAR}" rx="2"/>`,
    `<path class="spread" d="M${at(low)} ${middle}H${at(high)}"/>`,
    text({ x: Number(at(Math.max(value, high))) + 6, y: top + 10, kind: 'value' }, written),
  ];
}
