import type { ReadPacket, WritePacket } from '@nestjs/microservices';
import type { BroadcastOutcome } from '../../agents/client/broadcast-outcome.js';
import type { CallHandle, CallObserver } from '../../agents/client/call-contract.js';
import { reservedNameOf } from '../../protocol/introspection.js';
import { nameOf } from '../../protocol/pattern-name.js';
import { PacketCodec } from '../packet-codec.js';
import { answersOfBroadcast, broadcastReport, outcomesOfBroadcast } from './broadcast-report.js';
import { recordOf, signalsOf, timeoutOf } from './call-options.js';
import { callRequest, type DispatchedPacket } from './call-request.js';
import { ClientCall } from './client-call.js';
import type { AgentInUse } from './client-lifecycle.js';
import type { FreelanceCallOptions } from './freelance-call-options.js';
import { type CallFacts, areCallsWatched, ObservedCall } from './observed-call.js';
import { PacedRecord } from './paced-values.js';

/**
 * For `FreelanceClientProxy.publish`: hands the call of one packet of Nest to the client's agent. The data of the packet may be a
 * `FreelanceRecord`, which has the data and the options of the call.
 *
 * @param callback gets each packet of the answer
 * @throws FreelanceError `BAD_OPTIONS` if the record has options that this version does not know
 */
export function startCall(
  packet: ReadPacket,
  callback: (packet: WritePacket) => void,
  given: AgentInUse,
): ClientCall {
  const isReserved = reservedNameOf(packet.pattern) !== undefined;
  const deps = isReserved ? { ...given, codec: WITHOUT_CODEC } : given;
  const { agent, codec, defaults } = deps;
  const record = recordOf(packet.data);
  const { data, options } = record;
  // A call of `iterate`: the server sends further values only as the caller reads them.
  const isPaced = record instanceof PacedRecord;
  // What watches calls asks for introspection itself, again and again: that is no call of the user's.
  const observed = isReserved ? undefined : observe('call', packet, options, deps);
  const send = (ready: DispatchedPacket, timeout: number, answers: CallObserver): CallHandle => {
    // Values that wait for a deserializer are bounded by the credit window, too.
    const paced = isPaced || codec.deserializes;
    const request = callRequest('request', ready, options, defaults, { timeout, paced, observed });
    const handle = options.broadcast
      ? agent.broadcast(request, answersOfBroadcast(request.pattern, answers))
      : agent.call(request, answers);
    if (isPaced) record.handle = handle;
    return handle;
  };
  const timeout = timeoutOf(options, defaults);
  const signals = signalsOf(options);
  const call = new ClientCall(callback, deps, {
    timeout,
    signals,
    isAnswered: true,
    isPaced,
    observed,
    send,
  });
  start(call, withData(packet, data), observed);
  return call;
}

/**
 * For `FreelanceClientProxy.dispatchEvent`: hands the event of one packet of Nest to the client's agent, like `startCall`.
 *
 * @returns resolves once a server has accepted the event; a broadcast resolves with a `BroadcastReport`
 */
export function startEvent(packet: ReadPacket, deps: AgentInUse): Promise<unknown> {
  const { agent, defaults } = deps;
  return new Promise((resolve, reject) => {
    const { data, options } = recordOf(packet.data);
    const observed = observe('event', packet, options, deps);
    let outcomes: readonly BroadcastOutcome[] | undefined;
    const keep = (all: readonly BroadcastOutcome[]) => void (outcomes = all);
    const callback = ({ err, isDisposed }: WritePacket) => {
      if (err) reject(err);
      else if (isDisposed) resolve(outcomes && broadcastReport(outcomes));
    };
    const send = (ready: DispatchedPacket, timeout: number, answers: CallObserver): CallHandle => {
      const request = callRequest('event', ready, options, defaults, { timeout, observed });
      if (!options.broadcast) return agent.call(request, answers);
      return agent.broadcast(request, outcomesOfBroadcast(keep, answers));
    };
    const timeout = timeoutOf(options, defaults);
    const signals = signalsOf(options);
    const event = new ClientCall(callback, deps, {
      timeout,
      signals,
      isAnswered: false,
      isPaced: false,
      observed,
      send,
    });
    start(event, withData(packet, data), observed);
  });
}

/** @returns undefined if nobody watches calls, which is usual */
function observe(
  kind: CallFacts['kind'],
  { pattern }: ReadPacket,
  { broadcast: isBroadcast = false, parent }: FreelanceCallOptions,
  { client, hookFailed, now }: AgentInUse,
): ObservedCall | undefined {
  if (!areCallsWatched()) return undefined;
  const parentMetadata = parent?.getMetadata();
  const facts = { kind, pattern: shown(pattern), isBroadcast, client, parentMetadata };
  return new ObservedCall(facts, hookFailed, now);
}

/** The name of a pattern that was not checked yet: the call may fail because of it. */
function shown(pattern: ReadPacket['pattern']): string {
  try {
    return nameOf(typeof pattern === 'object' ? pattern : String(pattern));
  } catch {
    return '{…}';
  }
}

function start(
  call: ClientCall,
  packet: DispatchedPacket,
  observed: ObservedCall | undefined,
): void {
  if (observed) observed.start(() => call.start(packet));
  else call.start(packet);
}

/** For introspection: a server answers it itself, whatever serializers its user has. */
const WITHOUT_CODEC = new PacketCodec({});

/** The packet with the data of the record instead of the record. */
function withData({ pattern, metadata }: DispatchedPacket, data: unknown): DispatchedPacket {
  return { pattern, data, metadata };
}
