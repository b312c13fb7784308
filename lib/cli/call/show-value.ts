import { jsonText, plainJson } from '../json-line.js';

export interface ValueStyle {
  /** Strings without quotes, bytes as they are. */
  readonly isRaw: boolean;
  /** Over several lines, for people. */
  readonly isPretty: boolean;
}

/** What a handler answered, as it is printed: JSON, one value a line. Empty for `undefined`, which a handler without a result answers. */
export function showValue(value: unknown, { isRaw, isPretty }: ValueStyle): string | Uint8Array {
  if (value === undefined) return '';
  if (isRaw && value instanceof Uint8Array) return value;
  if (isRaw && typeof value === 'string') return `${value}\n`;
  return `${jsonOf(value, isPretty)}\n`;
}

/**
 * JSON that a terminal shows, and does not obey: all control characters are escaped. Bytes are base64.
 *
 * @throws CliError if it is nested too deeply
 */
export function jsonOf(value: unknown, isPretty = false): string {
  const shown = value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
  return plainJson(jsonText(shown, isPretty ? 2 : 0));
}
