/** Characters that end a line, turn a terminal, reverse what is read, or cannot be seen; lone surrogates, too. */
const NOT_PLAIN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text of a peer's, or of the network's, for one line of a log or an error: control characters, line breaks,
 * ANSI sequences and bidirectional marks are escaped, so that no line can be forged (CWE-117), and what is
 * longer than `maxLength` characters is cut.
 *
 * @param maxLength in UTF-16 code units, before escaping
 */
export function plainText(text: string, maxLength = 200): string {
  const shown = text.slice(0, maxLength);
  const plain = shown.replaceAll(NOT_PLAIN, escaped);
  return shown === text ? plain : `${plain}… (${text.length} characters)`;
}

/** Whether `plainText` would leave it as it is. */
export function isPlainText(text: string, maxLength = 200): boolean {
  return text.length <= maxLength && text.search(NOT_PLAIN) < 0;
}

function escaped(character: string): string {
  return SHORT[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
