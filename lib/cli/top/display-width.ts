/** What is shown as one character: letters with their marks, emoji of several code points. */
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Most text is this, and as wide as it is long. */
const PRINTABLE_ASCII = /^[ -~]*$/u;

const MARKS_ONLY = /^\p{M}+$/u;

/** Shown as a picture, or asked to be (variation selector 16). Source: UTS #51. */
const PICTURE = /\p{Emoji_Presentation}|\u{FE0F}/u;

/** Scripts whose characters take two columns, and full-width forms. Source: UAX #11, East Asian Width W and F, by blocks. */
const WIDE =
  /^[\u{1100}-\u{115F}\u{2E80}-\u{303E}\u{3041}-\u{4DBF}\u{4E00}-\u{A4CF}\u{A960}-\u{A97C}\u{AC00}-\u{D7A3}\u{F900}-\u{FAFF}\u{FE30}-\u{FE6F}\u{FF01}-\u{FF60}\u{FFE0}-\u{FFE6}\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]/u;

/** How many columns of a terminal the text takes. It has no control characters. */
export function displayWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(text)) width += widthOf(segment);
  return width;
}

/** The text in exactly so many columns: padded with spaces, or cut, with an ellipsis where something is missing. */
export function fitted(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const cut = cutTo(text, columns);
  const space = ' '.repeat(Math.max(columns - displayWidth(cut), 0));
  return align === 'left' ? cut + space : space + cut;
}

/** The text in at most so many columns. */
export function cutTo(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns <= 0) return '';
  let room = columns - 1;
  let kept = '';
  for (const { segment } of GRAPHEMES.segment(text)) {
    room -= widthOf(segment);
    if (room < 0) break;
    kept += segment;
  }
  return `${kept}…`;
}

function widthOf(grapheme: string): number {
  if (MARKS_ONLY.test(grapheme)) return 0;
  return PICTURE.test(grapheme) || WIDE.test(grapheme) ? 2 : 1;
}
