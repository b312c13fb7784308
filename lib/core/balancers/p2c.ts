import type { Balancer, PickContext, ServerView } from '../balancer.js';

/**
 * Power of two choices: two servers drawn at random, the one of lower cost wins. As good as asking
 * all of them, without the herd that runs to a single best one.
 *
 * Sources: M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001;
 * finagle, P2CPick.scala and PeakEwma.scala.
 */
export const p2c: Balancer = {
  pick(servers, context) {
    const [only] = servers;
    if (servers.length === 1) return only;
    const first = Math.floor(context.random() * servers.length);
    // The second draw skips the first one's place, so the two always differ.
    const shift = 1 + Math.floor(context.random() * (servers.length - 1));
    const a = servers[first] ?? only;
    const b = servers[(first + shift) % servers.length] ?? only;
    return cost(b, context) < cost(a, context) ? b : a;
  },
};

/** A server of which nothing is known gets one call, and no second before the first is back. */
const UNPROVEN = 1e9;

/** A server is not avoided more than 20 times over for its load: that is a heartbeat old. */
const HIGHEST_LOAD = 0.95;

/**
 * What one more call there would cost: its response time, once for each call in the line, where those that failed
 * stay for as long as if they had not; and the longer the
 * more of the server others have taken, as in a queue with one server (M/M/1), where calls stay for the time
 * that they need, divided by the share that is free.
 */
function cost(server: ServerView, { now }: PickContext): number {
  const expectedMs = server.responseMs(now);
  const inLine = server.pending + server.failedLoad(now);
  const free = 1 - Math.min(server.load, HIGHEST_LOAD);
  if (expectedMs === undefined) {
    return inLine < 0.5 ? (server.latencyMs ?? 0) / free : UNPROVEN + inLine;
  }
  return (expectedMs * (inLine + 1)) / free;
}
