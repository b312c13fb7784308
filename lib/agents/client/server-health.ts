import { isRefusing } from '../../core/connectivity.js';
import {
  dueAt,
  hasRecovered,
  type Health,
  type HealthEvent,
  type HealthPolicy,
  type HealthState,
  isFailing,
  reasonOf,
  transition,
} from '../../core/health.js';
import type { Member } from '../../core/member.js';
import type { Environment } from '../clock.js';

export interface ServerHealthDeps {
  readonly environment: Environment;
  /** What holds now; it may differ from one moment to the next. */
  readonly healthPolicy: () => HealthPolicy;
}

/** Is told how a server's health changes. */
export interface ServerHealthListener {
  stateChanged(from: HealthState): void;
  /**
   * The same state now means something else: an unready server is suspect, as are one that is silent and one that is failing;
   * one that refuses this client is dead, as is one that is lost.
   */
  tierChanged(): void;
  /** It is used again, after it had failed or was dead. */
  recovered(now: number): void;
  /** Nothing that is in flight there will be answered. */
  unreachable(because: string): void;
  /** Its connection is to be replaced by a fresh one. */
  reconnect(): void;
  /** When its health changes by itself may have changed. */
  rescheduled(): void;
}

/** The health of one server: feeds its events to the state machines in `core`, and reports the changes. */
export class ServerHealth {
  readonly #member: Member;
  readonly #deps: ServerHealthDeps;
  readonly #listener: ServerHealthListener;
  #ejections = 0;

  constructor(member: Member, deps: ServerHealthDeps, listener: ServerHealthListener) {
    this.#member = member;
    this.#deps = deps;
    this.#listener = listener;
  }

  /** How often it had to rest, ever. */
  get ejections(): number {
    return this.#ejections;
  }

  /** When it changes by itself. */
  get dueAt(): number {
    return dueAt(this.#member.health);
  }

  happened(event: HealthEvent): void {
    const member = this.#member;
    const { health: before, tier, state } = member;
    const { environment, healthPolicy } = this.#deps;
    const now = environment.clock.now();
    const step = transition(before, event, now, healthPolicy(), environment.random);
    const { health } = step;
    if (health === before) return;
    member.health = health;
    if (health.ejection.ejections > before.ejection.ejections) this.#ejections++;
    if (hasRecovered(before, health)) this.#listener.recovered(now);
    if (member.state !== state) this.#listener.stateChanged(state);
    else if (member.tier !== tier || meansOther(before, health)) this.#listener.tierChanged();
    const { state: connectivity } = health.connectivity;
    if (connectivity === 'dead') this.#listener.unreachable(reasonOf(health));
    if (connectivity === 'connecting') this.#listener.unreachable('its connection was dropped');
    if (step.reconnect) this.#listener.reconnect();
    else this.#listener.rescheduled();
  }
}

/** Whether a pool is to sort its servers anew, though state and tier may be the same: failing servers may be a panic. */
function meansOther(before: Health, after: Health): boolean {
  return (
    isRefusing(after.connectivity) !== isRefusing(before.connectivity) ||
    isFailing(after) !== isFailing(before)
  );
}
