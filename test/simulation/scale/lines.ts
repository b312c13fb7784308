import {
  card,
  coordinate,
  group,
  HEAD,
  MARGIN,
  text,
  WIDTH,
} from '../../../benchmark/src/report/charts/elements.js';
import { path } from './path.js';

/** A quantity over time, for several variants. */
export interface LinePanel {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Marked times, in slices. */
  readonly marks: readonly number[];
}

export interface Line {
  readonly label: string;
  readonly tone: 'ours' | 'theirs' | 'other';
  /** One value per slice. */
  readonly values: readonly number[];
}

export interface LineChart {
  readonly title: string;
  readonly note: string;
  /** The length of a slice, in seconds. */
  readonly sliceSeconds: number;
  readonly panels: readonly LinePanel[];
}

const COLUMNS = 2;
const GAP = 34;
const PLOT = 130;
const PLOT_TOP = 40;
const PANEL = PLOT_TOP + PLOT + 22;
const LEGEND = 128;
const AXIS = 40;

/** Panels of lines that follow the reader's choice of light or dark. */
export function lines({ title, note, sliceSeconds, panels }: LineChart): string {
  const width = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS;
  const drawn = panels.map((panel, place) => {
    const x = MARGIN + (place % COLUMNS) * (width + GAP);
    const y = HEAD + Math.floor(place / COLUMNS) * (PANEL + GAP);
    return group(x, y, drawPanel(panel, width, sliceSeconds));
  });
  const rows = Math.ceil(panels.length / COLUMNS);
  const height = HEAD + rows * (PANEL + GAP) - GAP + MARGIN;
  return card({ title, note, height, style: LINE_STYLE }, drawn);
}

function drawPanel({ title, lines: drawn, marks }: LinePanel, width: number, seconds: number) {
  const count = Math.max(...drawn.map(({ values }) => values.length));
  const most = Math.max(...drawn.flatMap(({ values }) => values), 0);
  const x = (slice: number) => AXIS + (slice / Math.max(count - 1, 1)) * (width - AXIS);
  const y = (value: number) => PLOT_TOP + PLOT - (most > 0 ? (value / most) * PLOT : 0);
  const bottom = y(0);
  return [
    text({ y: 12, kind: 'panel' }, title),
    ...drawn.flatMap(({ label, tone }, place) => [
      `<path class="line-${tone}" d="M${place * LEGEND} 26h16"/>`,
      text({ x: place * LEGEND + 22, y: 30, kind: 'quiet' }, label),
    ]),
    `<path class="axis" d="M${AXIS} ${PLOT_TOP}V${bottom}H${width}"/>`,
    text({ x: AXIS - 6, y: PLOT_TOP + 10, kind: 'label' }, written(most)),
    text({ x: AXIS - 6, y: bottom, kind: 'label' }, '0'),
    `<path class="mark" d="${marks.map((slice) => `M${coordinate(x(slice))} ${PLOT_TOP}V${bottom}`).join('')}"/>`,
    ...marks.map((slice) =>
      text({ x: x(slice) - 8, y: bottom + 16, kind: 'quiet' }, `${slice * seconds} s`),
    ),
    ...drawn.map(({ tone, values }) => {
      const points = values.map((value, slice) => [x(slice), y(value)] as const);
      return `<path class="line-${tone}" d="${path(points)}"/>`;
    }),
  ];
}

/** Three significant digits. */
export function written(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

const LINE_STYLE = `
path { fill: none }
.line-ours, .line-theirs, .line-other { stroke-width: 1.6; stroke-linejoin: round }
.line-ours { stroke: #0969da }
.line-theirs { stroke: #818b98 }
.line-other { stroke: #bc4c00; stroke-dasharray: 4 2 }
.axis, .mark { stroke: #818b98 }
.mark { stroke-dasharray: 2 3 }
@media (prefers-color-scheme: dark) {
.line-ours { stroke: #4493f8 }
.line-other { stroke: #f0883e }
}
`;
