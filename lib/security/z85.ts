/** Z85 writes four bytes as five characters. Source: RFC 32 of ZeroMQ, "ZeroMQ Base-85 Encoding Algorithm". */
const DIGITS =
  '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

/** @param bytes a multiple of four */
export function encodeZ85(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const word = bytes.readUInt32BE(at);
    for (let unit = 85 ** 4; unit >= 1; unit /= 85) {
      text += DIGITS.charAt(Math.floor(word / unit) % 85);
    }
  }
  return text;
}

/** @returns undefined if the text is not Z85 */
export function decodeZ85(text: string): Buffer | undefined {
  if (text.length % 5 !== 0) return undefined;
  const bytes = Buffer.alloc((text.length / 5) * 4);
  for (let group = 0; group < text.length / 5; group++) {
    let word = 0;
    for (const digit of text.slice(group * 5, group * 5 + 5)) {
      const value = DIGITS.indexOf(digit);
      if (value < 0) return undefined;
      word = word * 85 + value;
    }
    if (word > 0xff_ff_ff_ff) return undefined;
    bytes.writeUInt32BE(word, group * 4);
  }
  return bytes;
}
