/** Line ends, control characters, bidirectional marks, invisible characters and lone surrogates. */
const NOT_PLAIN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text from a peer or the network, made safe for one line of a log or an error: control characters, line breaks, ANSI
 * sequences and bidirectional marks are escaped, so that nobody can forge a line (CWE-117), and text beyond `maxLength`
 * is cut.
 *
 * @param maxLength in UTF-16 code units, before escaping
 */
export function plainText(text: string, maxLength = 200): string {
  const shown = text.slice(0, maxLength);
  const plain = shown.replaceAll(NOT_PLAIN, escaped);
  return shown === text ? plain : `${plain}… (${text.length} characters)`;
}

/** Whether `plainText` returns the text unchanged. */
export function isPlainText(text: string, maxLength = 200): boolean {
  return text.length <= maxLength && text.search(NOT_PLAIN) < 0;
}

function escaped(character: string): string {
  return SHORT[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
