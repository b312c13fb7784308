/** Shows a peer's bytes to people, with everything escaped that a terminal or a log would interpret. */
export function printable(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[^ -~]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
