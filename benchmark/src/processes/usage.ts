/** What a process has used since it was last asked to begin counting. */
export interface Usage {
  readonly seconds: number;
  readonly cpuMicros: number;
  readonly peakRss: number;
}

const RSS_EVERY_MS = 100;

/** Counts what this process uses. */
export class UsageMeter {
  #startedAt = 0;
  #cpuAtStart = process.cpuUsage();
  #peakRss = 0;

  constructor() {
    setInterval(() => this.#lookAtRss(), RSS_EVERY_MS).unref();
  }

  mark(): void {
    this.#startedAt = performance.now();
    this.#cpuAtStart = process.cpuUsage();
    this.#peakRss = process.memoryUsage.rss();
  }

  read(): Usage {
    this.#lookAtRss();
    const { user, system } = process.cpuUsage(this.#cpuAtStart);
    return {
      seconds: (performance.now() - this.#startedAt) / 1000,
      cpuMicros: user + system,
      peakRss: this.#peakRss,
    };
  }

  #lookAtRss(): void {
    this.#peakRss = Math.max(this.#peakRss, process.memoryUsage.rss());
  }
}
