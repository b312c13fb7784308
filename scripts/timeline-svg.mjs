// Draws attempts over time, one lane for each server.

const WIDTH = 860;
const MARGIN = 20;
const RIGHT = 36;
const LABEL = 84;
const HEAD = 92;
const ROW = 7;
const LANE_GAP = 22;

const STYLE = `
svg { font: 12px -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; fill: #1f2328 }
path { fill: none }
.title { font-size: 15px; font-weight: 600 }
.quiet { fill: #59636e }
.axis text { text-anchor: middle }
.card { fill: #fff; stroke: #d1d9e0 }
.axis path { stroke: #d1d9e0 }
.event { stroke: #1f2328; stroke-dasharray: 3 3 }
.first { stroke: #0969da }
.failed { stroke: #cf222e }
.further, .way { stroke: #1a7f37 }
.first, .failed, .further { stroke-width: 3; stroke-linecap: round }
.way { stroke-dasharray: 2 2 }
.suspect { fill: #bf8700; opacity: .16 }
.dead { fill: #cf222e; opacity: .12 }
@media (prefers-color-scheme: dark) {
svg { fill: #f0f6fc }
.quiet { fill: #9198a1 }
.card { fill: #0d1117; stroke: #3d444d }
.axis path { stroke: #3d444d }
.event { stroke: #f0f6fc }
.first { stroke: #4493f8 }
.failed { stroke: #f85149 }
.further, .way { stroke: #3fb950 }
}
`;

const KINDS = {
  first: 'sent once, answered',
  failed: 'got no answer from this server',
  further: 'sent to a second server, answered',
};

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
/** To half a pixel of the page, which is a whole one of a dense screen. */
const half = (value) => Math.round(value * 2) / 2;
const text = (x, y, kind, words) =>
  `<text${kind && ` class="${kind}"`} x="${half(x)}" y="${half(y)}">${escaped(words)}</text>`;

/**
 * @param {object} picture
 * @param {string} picture.title
 * @param {string} picture.note
 * @param {readonly { name: string, states: readonly { state: string, from: number, to: number }[] }[]} picture.lanes
 * @param {readonly { lane: number, from: number, to: number, kind: 'first' | 'failed' | 'further', after?: object }[]} picture.bars
 *   `after`: the bar of the attempt before it
 * @param {readonly { at: number, words: string }[]} picture.events
 * @param {{ from: number, to: number, step: number, unit: string, perUnit: number }} picture.axis in ms
 */
export function timelineSvg({ title, note, lanes, bars, events, axis }) {
  const left = MARGIN + LABEL;
  const x = (ms) => {
    const within = Math.min(Math.max(ms, axis.from), axis.to);
    return left + ((within - axis.from) / (axis.to - axis.from)) * (WIDTH - RIGHT - left);
  };
  const rows = lanes.map((_, lane) => stack(bars.filter((bar) => bar.lane === lane)));
  const tops = [];
  let top = HEAD;
  for (const { count } of rows) {
    tops.push(top);
    top += count * ROW + LANE_GAP;
  }
  const bottom = top - LANE_GAP + 8;
  const y = (bar) => tops[bar.lane] + rows[bar.lane].rowOf.get(bar) * ROW + ROW / 2;

  const parts = [
    `<rect class="card" x=".5" y=".5" width="${WIDTH - 1}" height="${bottom + 45}" rx="6"/>`,
    text(MARGIN, 30, 'title', title),
    text(MARGIN, 48, 'quiet', note),
  ];
  for (const [lane, { name, states }] of lanes.entries()) {
    const height = rows[lane].count * ROW;
    parts.push(text(MARGIN, tops[lane] + height / 2 + 4, '', name));
    for (const { state, from, to } of states) {
      const width = x(to) - x(from);
      parts.push(
        `<rect class="${state}" x="${half(x(from))}" y="${tops[lane] - 5}" width="${half(width)}" height="${height + 10}" rx="3"/>`,
      );
      if (width > 40) parts.push(text(x(from) + 4, tops[lane] + height + 17, 'quiet', state));
    }
  }
  for (const { at, words } of events) {
    parts.push(
      `<path class="event" d="M${half(x(at))} ${HEAD - 14}V${bottom}"/>`,
      text(x(at) + 4, HEAD - 16, '', words),
    );
  }
  // What looks the same is one path: most of a picture's bytes would be attributes.
  const ways = bars
    .filter(({ after }) => after)
    .map((bar) => {
      const start = Math.min(bar.after.to, bar.from);
      return `M${half(x(start))} ${y(bar.after)}L${half(x(bar.from))} ${y(bar)}`;
    });
  parts.push(`<path class="way" d="${ways.join('')}"/>`);
  for (const kind of Object.keys(KINDS)) {
    const same = bars
      .filter((bar) => bar.kind === kind)
      .map((bar) => `M${half(x(bar.from))} ${y(bar)}H${half(x(bar.to))}`);
    parts.push(`<path class="${kind}" d="${same.join('')}"/>`);
  }
  parts.push(`<g class="axis quiet">`, `<path d="M${left} ${bottom}H${WIDTH - RIGHT}"/>`);
  for (let ms = Math.ceil(axis.from / axis.step) * axis.step; ms <= axis.to; ms += axis.step) {
    const words = `${ms / axis.perUnit} ${axis.unit}`.replace('-', '\u2212');
    parts.push(text(x(ms), bottom + 16, '', words));
  }
  parts.push('</g>');
  for (const [place, [kind, words]] of Object.entries(KINDS).entries()) {
    const at = left + place * 220;
    parts.push(
      `<path class="${kind}" d="M${at} ${bottom + 31}h16"/>`,
      text(at + 24, bottom + 35, 'quiet', words),
    );
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${bottom + 46}" viewBox="0 0 ${WIDTH} ${bottom + 46}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`.replaceAll(/ ?([{:,;}]) ?/g, '$1'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Bars that overlap in time get rows of their own. */
function stack(bars) {
  const ends = [];
  const rowOf = new Map();
  for (const bar of bars.toSorted((one, other) => one.from - other.from)) {
    let row = ends.findIndex((end) => end < bar.from);
    if (row === -1) row = ends.length;
    ends[row] = bar.to;
    rowOf.set(bar, row);
  }
  return { rowOf, count: Math.max(ends.length, 3) };
}
