import type { Balancer, PickContext, ServerView } from '../balancer.js';

/**
 * Power of two choices: of two servers drawn at random, the one of lower cost wins. This is nearly as good as comparing
 * all of them, and clients do not herd to a single best one.
 *
 * If as many calls are in flight at both, as with little load, response times alone would decide, and they are noisy. The
 * server that looked faster would get all calls, and the other one none by which its time could be learned anew. So then
 * chance decides, with odds that favour the faster one.
 *
 * Sources: M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001;
 * finagle, P2CPick.scala and PeakEwma.scala, where the lower cost always wins; linkerd2, issue 14086, a report of what comes of that.
 *
 * Servers get calls in proportion to their weights, if they are equally fast. One is drawn by weight, the other one evenly
 * among the rest: so a pair is drawn in proportion to the sum of its weights, and odds by weight within it make that of each
 * server proportional to its own. What is in flight counts per weight.
 */
export const p2c: Balancer = {
  pick(servers, context) {
    const [only] = servers;
    if (servers.length === 1) return only;
    const { random } = context;
    const mean = meanWeight(servers);
    const first = indexAt(random() * servers.length, servers, mean);
    // The second draw skips the server of the first one, so the two always differ.
    const shift = 1 + Math.floor(random() * (servers.length - 1));
    const a = servers[first] ?? only;
    const b = servers[(first + shift) % servers.length] ?? only;
    return beats(b, a, mean ?? a.weight, context) ? b : a;
  },
};

/** The mean weights of servers; undefined where all are equal, as they usually are. */
const meanWeights = new WeakMap<readonly ServerView[], { readonly mean: number | undefined }>();

/** Weights change only with the list: a pick among many servers must not read them all. */
function meanWeight(servers: readonly [ServerView, ...ServerView[]]): number | undefined {
  let known = meanWeights.get(servers);
  if (!known) {
    const [{ weight }] = servers;
    const isEven = servers.every((server) => server.weight === weight);
    known = { mean: isEven ? undefined : meanOf(servers) };
    meanWeights.set(servers, known);
  }
  return known.mean;
}

function meanOf(servers: readonly ServerView[]): number {
  return servers.reduce((sum, { weight }) => sum + weight, 0) / servers.length;
}

/** The server at `place`, from 0 to their number, if each takes as much of that range as its weight says. */
function indexAt(place: number, servers: readonly ServerView[], mean: number | undefined): number {
  if (mean === undefined) return Math.floor(place);
  let left = place * mean;
  const index = servers.findIndex(({ weight }) => (left -= weight) < 0);
  // Rounding may leave a little after the last one.
  return index < 0 ? servers.length - 1 : index;
}

/** A server without any history gets one call, and no second one before the first returns. */
const UNPROVEN = 1e9;

/** Caps the penalty for load at a factor of 20: the reported load is as old as the latest heartbeat. */
const HIGHEST_LOAD = 0.95;

/** In calls: a server with less than that has nothing to do. Recently failed calls count as fractions of one. */
const IDLE = 0.5;

/** @param mean of the weights: at a server of that weight, a call in flight counts as one */
function beats(b: ServerView, a: ServerView, mean: number, { now, random }: PickContext): boolean {
  const lineA = inLine(a, now);
  const lineB = inLine(b, now);
  if (isSameLine(lineA, a, lineB, b)) {
    const typicalA = a.typicalMs(now);
    const typicalB = b.typicalMs(now);
    if (typicalA !== undefined && typicalB !== undefined) {
      const odds = oddsOf(
        costOf(typicalB, lineB - b.pending, b),
        costOf(typicalA, lineA - a.pending, a),
      );
      return random() * (b.weight + a.weight * odds) < b.weight;
    }
  }
  return cost(b, (lineB * mean) / b.weight, now) < cost(a, (lineA * mean) / a.weight, now);
}

/** Whether neither line, per weight, is as long as the other one would be with one more call. */
function isSameLine(lineA: number, a: ServerView, lineB: number, b: ServerView): boolean {
  return lineA * b.weight < (lineB + 1) * a.weight && lineB * a.weight < (lineA + 1) * b.weight;
}

/**
 * The odds against the server of the first cost: the cube of the ratio. Noise, of which the typical time keeps some 10 %, then
 * moves a few calls only; of two servers of the same weight, one that takes 1.3 times as long gets about a third of the calls,
 * twice as long a ninth, and ten times as long one of a thousand: the 99th percentile does not notice it.
 */
function oddsOf(ownCost: number, otherCost: number): number {
  const ratio = ownCost / otherCost;
  return ratio * ratio * ratio;
}

/** This client's calls there: those in flight, and recently failed ones. */
function inLine(server: ServerView, now: number): number {
  return server.pending + server.failedLoad(now);
}

/** What one more call costs there. */
function cost(server: ServerView, line: number, now: number): number {
  const expectedMs = server.responseMs(now);
  if (expectedMs !== undefined) return costOf(expectedMs, line, server);
  return line < IDLE ? costOf(server.latencyMs ?? 0, 0, server) : UNPROVEN + line;
}

/** The time of a call, times the calls in line, divided by the share of the server that is free, as in a queue (M/M/1). */
function costOf(ms: number, line: number, server: ServerView): number {
  return (ms * (line + 1)) / (1 - Math.min(server.load, HIGHEST_LOAD));
}
