import type { Balancer } from '../../lib/core/balancer.js';
import { type Deadline, DeadlineQueue, NOT_QUEUED } from '../../lib/core/deadline-queue.js';
import { Member } from '../../lib/core/member.js';
import { Pool } from '../../lib/core/pool.js';
import { healths } from './healths.js';
import { seededRandom } from './random.js';

/** How long a server takes for a call, in ms; `served` is how many it had before. */
export type Service = (random: () => number, served: number) => number;

export interface CallStream {
  readonly balancer: Balancer;
  readonly servers: readonly Service[];
  /** Of the servers; 1 each, unless it says otherwise. */
  readonly weights?: readonly number[];
  readonly calls: number;
  readonly perSecond: number;
  readonly seed: number;
}

interface Answer extends Deadline {
  readonly member: Member;
  readonly ms: number;
}

/**
 * Lets one client call servers at random times, in virtual time.
 *
 * @returns which server had each of the calls, in order
 */
export function callStream(of: CallStream): number[] {
  const { balancer, servers, weights = [], calls, perSecond, seed } = of;
  const random = seededRandom(seed);
  const pool = new Pool<Member>(balancer, random);
  const members = servers.map((_, n) => new Member(String(n), healths.alive));
  for (const [n, member] of members.entries()) {
    member.target = { endpoint: String(n), weight: weights[n] };
    pool.add(member);
  }
  const served = members.map(() => 0);
  const answers = new DeadlineQueue<Answer>();
  let now = 0;
  return Array.from({ length: calls }, () => {
    now += (-Math.log(1 - random()) * 1000) / perSecond;
    for (let answer = answers.takeDue(now); answer; answer = answers.takeDue(now)) {
      answer.member.pending--;
      answer.member.responded(answer.ms, answer.dueAt);
    }
    const member = pool.pick(undefined, now);
    if (!member) throw new Error('every server can take every call');
    const n = members.indexOf(member);
    const ms = servers[n]?.(random, served[n] ?? 0) ?? NaN;
    served[n] = (served[n] ?? 0) + 1;
    member.pending++;
    answers.add({ member, ms, dueAt: NaN, heapIndex: NOT_QUEUED }, now + ms);
    return n;
  });
}

/** The share of each server in these calls. */
export function sharesOf(calls: readonly number[], servers: number): number[] {
  const counts = Array.from({ length: servers }, () => 0);
  for (const n of calls) counts[n] = (counts[n] ?? 0) + 1;
  return counts.map((count) => count / calls.length);
}

/** Response times that are lognormal, as they commonly are. */
export function lognormal(medianMs: number, sigma: number): Service {
  return (random) => medianMs * Math.exp(sigma * gaussian(random));
}

/** Box and Muller. */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
