import type { ToldSpan } from './span.js';

/** A trace as lines: each span below its parent, with its service, its kind, and how long it took. */
export function traceTree(spans: readonly ToldSpan[]): string[] {
  const ids = new Set(spans.map(({ id }) => id));
  const roots = spans.filter(({ parentId }) => parentId === undefined || !ids.has(parentId));
  return inOrder(roots).flatMap((root) => linesOf(root, spans, '', ''));
}

function linesOf(
  span: ToldSpan,
  spans: readonly ToldSpan[],
  lead: string,
  indent: string,
): string[] {
  const children = inOrder(spans.filter(({ parentId }) => parentId === span.id));
  const { name, kind, service, ms, notes } = span;
  const facts = [`${service}, ${kind}`, `${ms.toFixed(0)} ms`, ...notes];
  return [
    `${(lead + name).padEnd(48)} ${facts.join(' · ')}`,
    ...children.flatMap((child, index) => {
      const isLast = index === children.length - 1;
      const [corner, below] = isLast ? ['└ ', '  '] : ['├ ', '│ '];
      return linesOf(child, spans, indent + corner, indent + below);
    }),
  ];
}

function inOrder(spans: readonly ToldSpan[]): ToldSpan[] {
  return spans.toSorted((a, b) => a.startedAt - b.startedAt);
}
