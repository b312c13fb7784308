const MOST_NAMED = 8;

/** Names the first few of many, separated by commas. */
export function listed(names: readonly string[], most = MOST_NAMED): string {
  const more = names.length > most ? ` and ${names.length - most} more` : '';
  return names.slice(0, most).join(', ') + more;
}

/** A duration for people: three digits, in ms or s. */
export function shownMs(ms: number): string {
  if (Math.abs(ms) >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (Math.abs(ms) >= 100) return `${ms.toFixed(0)} ms`;
  return `${ms.toFixed(Math.abs(ms) >= 10 ? 1 : 2)} ms`;
}

export function shownBytes(bytes: number): string {
  if (bytes >= 1024 * 1024) return `${trimmed(bytes / 1024 / 1024)} MiB`;
  return bytes >= 1024 ? `${trimmed(bytes / 1024)} KiB` : `${bytes} bytes`;
}

function trimmed(value: number): string {
  return String(Number(value.toFixed(1)));
}
