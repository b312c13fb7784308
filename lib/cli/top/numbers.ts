/** What is not known. */
export const UNKNOWN = '–';

/** A number of things per second: 0, 0.4, 12, 1,234, 1.2M. */
export function shownRate(perSecond: number | undefined): string {
  if (perSecond === undefined) return UNKNOWN;
  if (perSecond === 0) return '0';
  if (perSecond < 0.05) return '<0.1';
  if (perSecond < 9.95) return perSecond.toFixed(1);
  return shownCount(Math.round(perSecond));
}

/** 12, 1,234, 1.2M. */
export function shownCount(count: number): string {
  if (count < 1_000_000) return count.toLocaleString('en');
  const unit = UNITS.find(({ size }) => count < 999.95 * size);
  return unit ? `${(count / unit.size).toFixed(1)}${unit.name}` : '>999T';
}

const UNITS = [
  { size: 1e6, name: 'M' },
  { size: 1e9, name: 'G' },
  { size: 1e12, name: 'T' },
];

/** 0.25 ms, 5.2 ms, 120 ms, 1.2 s. */
export function shownMs(ms: number | undefined): string {
  if (ms === undefined) return UNKNOWN;
  if (ms < 0.995) return `${ms.toFixed(2)} ms`;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A share of all: 0 %, <1 %, 12 %. */
export function shownShare(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %';
  const percent = Math.round((100 * part) / whole);
  return percent === 0 ? '<1 %' : `${percent} %`;
}

/** The time of day, in the time zone of this machine: 12:34:56. */
export function timeOfDay(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
