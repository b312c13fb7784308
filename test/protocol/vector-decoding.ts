import { readReply } from '../../lib/agents/client/read-reply.js';
import { decodeBody, type ReceivedBody } from '../../lib/protocol/body.js';
import {
  decodeAnyClientMessage,
  decodeGuideServerMessage,
} from '../../lib/protocol/guide-frames.js';
import type { ReplyHeaders } from '../../lib/protocol/headers.js';
import { reservedNameOf } from '../../lib/protocol/introspection.js';
import { isMalformed, type Malformed } from '../../lib/protocol/malformed.js';
import type {
  ClientMessage,
  Event,
  Frames,
  NegotiatedRequest,
  Reply,
  ServerMessage,
  Untyped,
  UntypedBody,
} from '../../lib/protocol/messages.js';
import { decodeClientPack, decodeServerPack, isPack } from '../../lib/protocol/pack.js';
import { decodeClientMessage, decodeServerMessage } from '../../lib/protocol/plain-frames.js';
import { decodeUntypedReply, decodeUntypedRequest } from '../../lib/protocol/untyped.js';
import type { BodyMeaning, MalformedMeaning, Meaning, Vector } from './vector-files.js';

type Expected = Vector['expected'];

/**
 * What the frames mean to our agents: the same choice of decoders as in their `received`. A PACK that is malformed as a whole is to
 * them a PACK of one malformed message.
 */
export function decoded(
  direction: Vector['direction'],
  dialect: Vector['dialect'],
  frames: Frames,
): Expected {
  const isGuide = dialect === 'guide';
  if (isPack(frames) && !isGuide) {
    const messages =
      direction === 'to-server' ? decodeClientPack(frames) : decodeServerPack(frames);
    return { command: 'PACK', messages: messages.map(meaningOf) };
  }
  if (direction === 'to-server')
    return meaningOf((isGuide ? decodeAnyClientMessage : decodeClientMessage)(frames));
  return meaningOf((isGuide ? decodeGuideServerMessage : decodeServerMessage)(frames));
}

function meaningOf(message: ClientMessage | ServerMessage | Malformed): Expected {
  switch (message.type) {
    case 'malformed':
      return dropped(message);
    case 'ping':
    case 'pong': {
      const { type, ...rest } = message;
      return { command: type.toUpperCase(), ...rest, ...WITHOUT_DIALECT };
    }
    case 'request':
      return message.dialect === 'negotiated' ? workMeaning(message) : untypedMeaning(message);
    case 'event':
      return workMeaning(message);
    case 'reply':
      return replyMeaning(message);
    default: {
      const { type, ...rest } = message;
      return { command: type.toUpperCase(), ...rest };
    }
  }
}

/** It says where a message comes from, and not what it means. */
const WITHOUT_DIALECT = { dialect: undefined };

function dropped({ reason }: Malformed): MalformedMeaning {
  return { malformed: reason, receiver: 'drops' };
}

function workMeaning({ type, id, body, headers }: NegotiatedRequest | Event): Expected {
  const { pattern, attempt, timeout, credit, metadata, mayHaveRun } = headers;
  const value = bodyMeaning(body, headers);
  if (isMalformed(value)) return dropped(value);
  return {
    command: type.toUpperCase(),
    id,
    pattern,
    reserved: reservedNameOf(pattern),
    body: value,
    attempt,
    timeout,
    credit,
    metadata,
    mayHaveRun,
  };
}

function untypedMeaning(message: Untyped<'request', UntypedBody>): Expected {
  const untyped = decodeUntypedRequest(message.body);
  if (isMalformed(untyped)) return dropped(untyped);
  const { pattern, data } = untyped;
  const body = Array.isArray(message.body)
    ? { list: (data as unknown[]).map(untypedValue) }
    : untypedValue(data);
  return { command: 'REQUEST', ...idOf(message), pattern, reserved: reservedNameOf(pattern), body };
}

function replyMeaning(reply: Reply): Expected {
  const answer = readReply(reply);
  if (answer.kind === 'unreadable') return { malformed: answer.reason, receiver: 'fails-call' };
  if (reply.dialect !== 'negotiated') return untypedReplyMeaning(reply);
  const { id, headers } = reply;
  const base = { command: 'REPLY', id, status: headers.status };
  if (answer.kind === 'end') return base;
  const body = bodyMeaning(reply.body, headers) as BodyMeaning;
  const reason = answer.kind === 'refused' ? answer.refusal.reason : undefined;
  return { ...base, body, reason };
}

function untypedReplyMeaning(reply: Untyped<'reply', UntypedBody>): Meaning {
  const untyped = decodeUntypedReply(reply.body);
  const base = { command: 'REPLY', ...idOf(reply) };
  if (untyped.type === 'error')
    return { ...base, status: 'error', body: untypedValue(untyped.error) };
  const body = Array.isArray(reply.body)
    ? { list: (untyped.value as unknown[]).map(untypedValue) }
    : untypedValue(untyped.value);
  return { ...base, status: 'last', body };
}

function idOf(message: object): { id?: string } {
  return 'id' in message ? { id: message.id as string } : {};
}

/** Where no header says which type it is. */
function untypedValue(value: unknown): BodyMeaning {
  if (value === undefined) return { empty: true };
  if (Buffer.isBuffer(value)) return { bytes: value.toString('hex') };
  return typeof value === 'string' ? { text: value } : { json: value };
}

function bodyMeaning(
  body: ReceivedBody,
  { type, serialized }: Pick<ReplyHeaders, 'type' | 'serialized'>,
): BodyMeaning | Malformed {
  const read = decodeBody(body, { type });
  if (isMalformed(read)) return read;
  const { value } = read;
  if (type === 'json' && value !== undefined)
    return { json: value, serialized: serialized || undefined };
  return { ...untypedValue(value), serialized: serialized || undefined };
}
