/** What a process has used since the count began. */
export interface Usage {
  readonly seconds: number;
  readonly cpuMicros: number;
  /** The most resident memory since the process began, in bytes. */
  readonly peakRss: number;
}

const BYTES_PER_KB = 1024;

/** Counts what this process uses. It has no timer: of an idle process that would be a good part. */
export class UsageMeter {
  #startedAt = performance.now();
  #cpuAtStart = process.cpuUsage();

  mark(): void {
    this.#startedAt = performance.now();
    this.#cpuAtStart = process.cpuUsage();
  }

  read(): Usage {
    const { user, system } = process.cpuUsage(this.#cpuAtStart);
    return {
      seconds: (performance.now() - this.#startedAt) / 1000,
      cpuMicros: user + system,
      peakRss: process.resourceUsage().maxRSS * BYTES_PER_KB,
    };
  }
}
