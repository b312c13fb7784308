import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** A piece of a line. Its width is its length: no character of the views is wider than one column. */
export interface Span {
  readonly text: string;
  readonly style?: Style;
}

export type Line = readonly Span[];

export function span(text: string, style?: Style): Span {
  return style === undefined ? { text } : { text, style };
}

export interface Paper {
  readonly width: number;
  readonly hasColour: boolean;
}

/** Cuts what does not fit: a line that wraps would shift all that is drawn after it. */
export function paint(line: Line, { width, hasColour }: Paper): string {
  let room = width;
  let painted = '';
  for (const { text, style } of line) {
    const seen = text.slice(0, room);
    room -= seen.length;
    painted += hasColour && style !== undefined && seen !== '' ? styleText(style, seen) : seen;
  }
  return painted;
}
