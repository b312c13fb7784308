// Draws attempts over time, one lane for each server.

const WIDTH = 860;
const MARGIN = 20;
const RIGHT = 36;
const LABEL = 84;
const HEAD = 92;
const ROW = 7;
const LANE_GAP = 22;

const STYLE = `
text { font: 12px -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.quiet { fill: #59636e }
.card { fill: #ffffff; stroke: #d1d9e0 }
.axis { stroke: #d1d9e0 }
.event { stroke: #1f2328; stroke-dasharray: 3 3 }
.first { stroke: #0969da } .failed { stroke: #cf222e } .further { stroke: #1a7f37 }
.first, .failed, .further { stroke-width: 3; stroke-linecap: round; fill: none }
.way { stroke: #1a7f37; stroke-width: 1; stroke-dasharray: 2 2; fill: none }
.suspect { fill: #bf8700; opacity: 0.16 } .dead { fill: #cf222e; opacity: 0.12 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .quiet { fill: #9198a1 } .card { fill: #0d1117; stroke: #3d444d } .axis { stroke: #3d444d }
.event { stroke: #f0f6fc } .first { stroke: #4493f8 } .failed { stroke: #f85149 }
.further, .way { stroke: #3fb950 }
}`;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const text = (x, y, kind, words, anchor = 'start') =>
  `<text class="${kind}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped(words)}</text>`;

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
    `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${bottom + 45}" rx="6"/>`,
    text(MARGIN, 30, 'title', title),
    text(MARGIN, 48, 'quiet', note),
  ];
  for (const [lane, { name, states }] of lanes.entries()) {
    const height = rows[lane].count * ROW;
    parts.push(text(MARGIN, tops[lane] + height / 2 + 4, '', name));
    for (const { state, from, to } of states) {
      const width = x(to) - x(from);
      parts.push(
        `<rect class="${state}" x="${x(from).toFixed(1)}" y="${tops[lane] - 5}" width="${width.toFixed(1)}" height="${height + 10}" rx="3"/>`,
      );
      if (width > 40) parts.push(text(x(from) + 4, tops[lane] + height + 17, 'quiet', state));
    }
  }
  for (const { at, words } of events) {
    parts.push(
      `<path class="event" d="M${x(at).toFixed(1)} ${HEAD - 14}V${bottom}"/>`,
      text(x(at) + 4, HEAD - 16, '', words),
    );
  }
  for (const bar of bars) {
    if (bar.after) {
      const start = Math.min(bar.after.to, bar.from);
      parts.push(
        `<path class="way" d="M${x(start).toFixed(1)} ${y(bar.after)}L${x(bar.from).toFixed(1)} ${y(bar)}"/>`,
      );
    }
    parts.push(
      `<path class="${bar.kind}" d="M${x(bar.from).toFixed(1)} ${y(bar)}H${x(bar.to).toFixed(1)}"/>`,
    );
  }
  parts.push(`<path class="axis" d="M${left} ${bottom}H${WIDTH - RIGHT}"/>`);
  for (let ms = Math.ceil(axis.from / axis.step) * axis.step; ms <= axis.to; ms += axis.step) {
    parts.push(
      text(
        x(ms),
        bottom + 16,
        'quiet',
        `${ms / axis.perUnit} ${axis.unit}`.replace('-', '\u2212'),
        'middle',
      ),
    );
  }
  const legend = [
    ['first', 'sent once, answered'],
    ['failed', 'got no answer from this server'],
    ['further', 'sent to a second server, answered'],
  ];
  for (const [place, [kind, words]] of legend.entries()) {
    const at = left + place * 220;
    parts.push(
      `<path class="${kind}" d="M${at} ${bottom + 31}h16"/>`,
      text(at + 24, bottom + 35, 'quiet', words),
    );
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${bottom + 46}" viewBox="0 0 ${WIDTH} ${bottom + 46}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
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
