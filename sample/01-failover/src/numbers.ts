/** A moment of the run, as in "12.3 s". */
export function moment(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`.padStart(7);
}

export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

export function latency(ms: number | undefined): string {
  return ms === undefined ? '-' : `${ms.toFixed(1)} ms`;
}

export function counted(amount: number): string {
  return amount.toLocaleString('en-US');
}
