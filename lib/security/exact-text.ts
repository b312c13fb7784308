/**
 * Decodes UTF-8; undefined if the bytes are invalid. Replacing what is invalid by U+FFFD would give many names the same text.
 */
export function exactText(bytes: Buffer): string | undefined {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : undefined;
}
