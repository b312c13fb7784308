/** What a process has used since counting began. */
export interface Usage {
  readonly seconds: number;
  readonly cpuMicros: number;
  /** Peak resident memory since the process began, in bytes. */
  readonly peakRss: number;
}

const BYTES_PER_KB = 1024;

/** Measures what this process uses. It has no timer, which would be a good part of an idle process's work. */
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
