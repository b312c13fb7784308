// The code as the package has it: a statement a line, names as in the source, no indentation. A line of a stack trace still says
// something, and a formatter restores the rest, which is a fifth of the code.
import { decode, encode } from '@jridgewell/sourcemap-codec';
import ts from 'typescript';

/** @type {{ sources: string[], mappings: string }} */
const NO_SOURCE = { sources: [], mappings: '' };

/**
 * @param chunk of the bundler's, without whitespace
 * @returns its code in lines, and, if it has any of a source, a map: a segment where a line of a source begins, and no more,
 * which is a sixth of a whole one
 */
export function inLines({ code, map = NO_SOURCE }) {
  const starts = [...new Set([...newLines(code), ...statements(code)])].toSorted((a, b) => a - b);
  const lines = starts.map((start, index) =>
    code.slice(start, starts[index + 1]).replace(/\n$/, ''),
  );
  const text = `${lines.join('\n')}\n`;
  if (map.sources.length === 0) return { code: text };
  const mappings = encode(lineMappings(positions(code, map), starts));
  const { sources } = map;
  return { code: text, map: JSON.stringify({ version: 3, sources, names: [], mappings }) };
}

/** Where lines of the code begin: in texts, as whitespace is gone. */
function newLines(code) {
  return [0, ...Array.from(code.matchAll(/\n(?=[^])/g), ({ index }) => index + 1)];
}

/** Where statements, members of classes, and cases begin. */
function statements(code) {
  const starts = [];
  const visit = (node, parent) => {
    const isOfBlock = parent && (parent.statements ?? parent.members)?.includes(node);
    if (isOfBlock || ts.isCaseOrDefaultClause(node)) starts.push(node.getStart());
    ts.forEachChild(node, (child) => visit(child, node));
  };
  visit(ts.createSourceFile('chunk.js', code, ts.ScriptTarget.ES2022, true));
  return starts;
}

/** The segments of a map, with offsets in the code instead of lines and columns. */
function positions(code, map) {
  const lines = newLines(code);
  return decode(map.mappings).flatMap((segments, index) =>
    segments.map(([column, source, line]) => ({ at: lines[index] + column, source, line })),
  );
}

function lineMappings(segments, starts) {
  let next = 0;
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? Infinity;
    const kept = [];
    let last;
    for (; next < segments.length && segments[next].at < end; next++) {
      const { at, source, line } = segments[next];
      if (source === undefined || (line === last?.line && source === last.source)) continue;
      // The first one counts for the whole line: what the compiler puts in front of it has no segment.
      kept.push([last ? at - start : 0, source, line, 0]);
      last = segments[next];
    }
    return kept;
  });
}
