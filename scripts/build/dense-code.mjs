// What the package contains of code: a statement a line, without indentation, and every name as it is in the source. A stack
// trace names a line that says something, a formatter gives the rest back; it is a fifth smaller than that.
import { decode, encode } from '@jridgewell/sourcemap-codec';
import ts from 'typescript';

/**
 * @param chunk of the bundler's, without whitespace
 * @returns its code in lines, and, if it has any of a source, a map with a segment where a line of a source begins: a sixth of a whole one
 */
export function inLines({ code, map }) {
  const starts = lineStarts(code);
  const lines = starts.map((start, index) => code.slice(start, starts[index + 1]).trimEnd());
  const text = `${lines.join('\n')}\n`;
  if (!map?.sources.length) return { code: text };
  const mappings = encode(lineMappings(decode(map.mappings)[0] ?? [], starts));
  const { sources } = map;
  return { code: text, map: JSON.stringify({ version: 3, sources, names: [], mappings }) };
}

/** Where statements, members of classes, and cases begin. */
function lineStarts(code) {
  const starts = new Set([0]);
  const visit = (node, parent) => {
    const isOfBlock = parent && (parent.statements ?? parent.members)?.includes(node);
    if (isOfBlock || ts.isCaseOrDefaultClause(node)) starts.add(node.getStart());
    ts.forEachChild(node, (child) => visit(child, node));
  };
  visit(ts.createSourceFile('chunk.js', code, ts.ScriptTarget.ES2022, true));
  return [...starts].toSorted((a, b) => a - b);
}

function lineMappings(segments, starts) {
  let at = 0;
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? Infinity;
    let [lastSource, lastLine] = [];
    const kept = [];
    for (; at < segments.length && segments[at][0] < end; at++) {
      const [column, source, line] = segments[at];
      if (line === undefined || (line === lastLine && source === lastSource)) continue;
      // The first one counts for the whole line: what the compiler puts in front of it has no segment.
      kept.push([lastLine === undefined ? 0 : column - start, source, line, 0]);
      [lastSource, lastLine] = [source, line];
    }
    return kept;
  });
}
