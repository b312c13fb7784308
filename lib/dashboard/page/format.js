/** What stands where nothing was measured. */
export const NOTHING = '–';

const NARROW_SPACE = '\u202F';

/** A number per second, or a count. @param {number} value */
export function amount(value) {
  if (value === 0) return '0';
  if (value < 0.1) return '<0.1';
  if (value < 10) return value.toFixed(1).replace(/\.0$/, '');
  return Math.round(value).toLocaleString('en-US');
}

/** A duration. @param {number | undefined} ms */
export function duration(ms) {
  if (ms === undefined) return NOTHING;
  if (ms >= 1000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)}${NARROW_SPACE}s`;
  const digits = ms < 1 ? 2 : ms < 10 ? 1 : 0;
  return `${ms.toFixed(digits)}${NARROW_SPACE}ms`;
}

/** A share of calls. @param {number} part @param {number} whole */
export function percent(part, whole) {
  if (whole <= 0) return part > 0 ? `100${NARROW_SPACE}%` : NOTHING;
  const value = Math.min(100, (part / whole) * 100);
  // Not 0: there are some.
  if (value > 0 && value < 0.1) return `<${NARROW_SPACE}0.1${NARROW_SPACE}%`;
  return `${value < 10 && value > 0 ? value.toFixed(1) : value.toFixed(0)}${NARROW_SPACE}%`;
}

/** The time of day, where the reader is. @param {number} at in ms since 1970 */
export function clock(at) {
  return new Date(at).toLocaleTimeString('en-GB');
}

/** A span of time in words that fit a line. @param {number} ms */
export function span(ms) {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds}${NARROW_SPACE}s`;
  return seconds % 60 === 0
    ? `${minutes}${NARROW_SPACE}min`
    : `${minutes}${NARROW_SPACE}min ${seconds % 60}${NARROW_SPACE}s`;
}

/** @param {number} count @param {string} one @param {string} several */
export function counted(count, one, several) {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : several}`;
}
