/**
 * The text that these bytes are in UTF-8. Undefined if they are none: it would be the same for all of them, with U+FFFD in
 * the place of what cannot be read, and so a name that many have.
 */
export function exactText(bytes: Buffer): string | undefined {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : undefined;
}
