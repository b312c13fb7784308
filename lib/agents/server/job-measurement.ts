import type { CallMeter } from '../call-meter.js';
import type { Notifications } from '../notifications.js';
import type { JobEnd } from './job-end.js';
import type { ServerErrorKind } from './server-stats.js';

export type JobMeter = CallMeter<ServerErrorKind>;

/** Is told that a job is over. */
export interface JobObserver {
  over(end: JobEnd): void;
}

/** Counts one job by its pattern and by its client, and tells who watches it: from when it has got its place to its end. */
export class JobMeasurement {
  readonly #ofPattern: JobMeter;
  readonly #ofCaller: JobMeter;
  #observer: JobObserver | undefined;

  /** The job has got its place. */
  constructor(ofPattern: JobMeter, ofCaller: JobMeter) {
    this.#ofPattern = ofPattern;
    this.#ofCaller = ofCaller;
    ofPattern.began();
    ofCaller.began();
  }

  /** To be called before the job is over. */
  observe(observer: JobObserver): void {
    this.#observer = observer;
  }

  /**
   * The job is over. To be called once.
   *
   * @param ms since its request came
   */
  ended(end: JobEnd, ms: number, notifications: Notifications): void {
    count(this.#ofPattern, end, ms);
    count(this.#ofCaller, end, ms);
    const observer = this.#observer;
    if (observer) notifications.tell(() => observer.over(end));
  }
}

function count(meter: JobMeter, end: JobEnd, ms: number): void {
  switch (end.type) {
    case 'answered':
      return meter.answered(ms);
    case 'failed':
      return meter.failed(end.kind, ms);
    case 'refused':
      return meter.refused();
    case 'abandoned':
      return meter.cancelled();
  }
}
