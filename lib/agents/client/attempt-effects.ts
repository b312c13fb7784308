import { isTrialDue } from '../../core/ejection.js';
import { type HealthEvent, isFailing, isInUse, isSound } from '../../core/health.js';
import type { Member } from '../../core/member.js';
import type { Attempt } from './call.js';
import { type Answer, isFailed } from './read-reply.js';

export interface AttemptEffectsListener {
  happened(event: HealthEvent): void;
  /** Whether the server fails far more of its calls than the others, of which one must be left. */
  isOutlier(now: number, isOnTrial: boolean): boolean;
}

/** What attempts say of their server: its health, and how fast it is. */
export class AttemptEffects {
  readonly #server: Member;
  readonly #listener: AttemptEffectsListener;

  constructor(server: Member, listener: AttemptEffectsListener) {
    this.#server = server;
    this.#listener = listener;
  }

  /** A server that has rested proves itself by the first attempt that it gets. */
  sent(attempt: Attempt): void {
    if (!isTrialDue(this.#server.health.ejection)) return;
    attempt.isTrial = true;
    this.#listener.happened({ type: 'trial began' });
  }

  /** @param drops whether its connection ends, as the server could not say later which call it answers */
  late(attempt: Attempt, drops: boolean): void {
    attempt.isTrial = false;
    this.#listener.happened({ type: 'call timed out', drops });
  }

  completed({ isLate }: Attempt, now: number): void {
    // That it was late has been judged.
    if (!isLate) this.#server.outcomes.succeeded(now);
  }

  left({ isTrial }: Attempt): void {
    if (isTrial) this.#listener.happened({ type: 'trial ended' });
  }

  beganToAnswer(attempt: Attempt, answer: Answer, now: number): void {
    const afterMs = now - attempt.sentAt;
    if (isFailed(answer)) {
      // Whether the server is to blame depends on the error that the caller gets.
      this.#server.respondedByFailing(afterMs, now);
    } else {
      this.#server.responded(afterMs, now);
      this.#answered(attempt);
    }
  }

  refused(reason: string | undefined): void {
    // Until its next PONG says how much of it is taken.
    if (reason === 'busy') this.#server.load = 1;
    if (reason === 'draining' || reason === 'unready')
      this.#listener.happened({ type: 'pong', says: reason });
  }

  judge(attempt: Attempt, isFailure: boolean, isAnswer: boolean, now: number): void {
    // What is late has been judged.
    if (isAnswer && attempt.isLate) return;
    const { health, outcomes } = this.#server;
    if (!isFailure) {
      outcomes.succeeded(now);
    } else {
      outcomes.failed(now);
      const isOnTrial = attempt.isTrial && isFailing(health);
      if ((isOnTrial || isInUse(health)) && this.#listener.isOutlier(now, isOnTrial)) {
        this.#listener.happened({ type: 'ejected', times: outcomes.ejected(now) });
        return;
      }
    }
    if (isAnswer) this.#answered(attempt);
  }

  /** That it was late is not forgiven. */
  #answered({ isLate, isTrial }: Attempt): void {
    if (!isLate && !isSound(this.#server.health))
      this.#listener.happened({ type: 'call answered', isTrial });
  }
}
