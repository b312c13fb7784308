import { type Body, encodeBody } from '../../lib/protocol/body.js';
import { encodeError, encodeUntypedError } from '../../lib/protocol/error-body.js';
import type { ReplyStatus, RequestHeaders } from '../../lib/protocol/headers.js';
import type {
  Content,
  Dialect,
  OutgoingClientMessage,
  OutgoingServerMessage,
  PackableByClient,
  PackableByServer,
} from '../../lib/protocol/messages.js';
import { PackWriter } from '../../lib/protocol/pack-writer.js';
import { encodeClientMessage, encodeServerMessage } from '../../lib/protocol/plain-frames.js';
import { encodeUntypedRequest } from '../../lib/protocol/untyped.js';
import { onTheWire } from '../support/wire.js';
import type { BodyMeaning, Meaning, Vector } from './vector-files.js';

type Direction = Vector['direction'];
type Expected = Vector['expected'];

/** The frames that we send for a meaning; undefined if we send no such message. */
export function encoded(direction: Direction, dialect: Vector['dialect'], expected: Expected) {
  if ('malformed' in expected) return undefined;
  if (expected.messages) return encodedPack(direction, expected.messages);
  if (expected.body && 'list' in expected.body) return undefined;
  const frames =
    direction === 'to-server'
      ? encodeClientMessage(clientMessage(dialect as Dialect, expected))
      : encodeServerMessage(serverMessage(dialect as Dialect, expected));
  return onTheWire(frames);
}

function encodedPack(direction: Direction, messages: readonly Expected[]) {
  const writer = new PackWriter();
  for (const one of messages) {
    if ('malformed' in one) return undefined;
    const message =
      direction === 'to-server'
        ? (clientMessage('negotiated', one) as PackableByClient<Content>)
        : (serverMessage('negotiated', one) as PackableByServer<Content>);
    if (!writer.add(message)) return undefined;
  }
  return messages.length === 0 ? undefined : onTheWire(writer.take());
}

function clientMessage(dialect: Dialect, means: Meaning): OutgoingClientMessage {
  const { id = '', time = '', hello, values = 0 } = means;
  switch (means.command) {
    case 'PING':
      return { type: 'ping', ...heartbeat(dialect, id, time, hello) };
    case 'REQUEST': {
      const request = { type: 'request', id } as const;
      if (dialect === 'negotiated') return { ...request, dialect, ...work(means) };
      const body = encodeUntypedRequest(means.pattern ?? '', encodeBody(valueOf(means.body)));
      return { ...request, dialect, body };
    }
    case 'EVENT':
      return { type: 'event', id, ...work(means) };
    case 'CANCEL':
      return { type: 'cancel', id };
    case 'CREDIT':
      return { type: 'credit', id, values };
    case 'GOODBYE':
      return { type: 'goodbye' };
    default:
      throw new Error(`no client sends ${means.command}`);
  }
}

function serverMessage(dialect: Dialect, means: Meaning): OutgoingServerMessage {
  const { id = '', time = '', hello, serverId = '' } = means;
  switch (means.command) {
    case 'PONG':
      if (dialect === 'basic') return { type: 'pong', dialect, serverId };
      return { type: 'pong', ...heartbeat(dialect, id, time, hello) } as OutgoingServerMessage;
    case 'REPLY':
      return reply(dialect, means);
    case 'ACK':
      return { type: 'ack', id };
    case 'GOODBYE':
      return { type: 'goodbye' };
    case 'DENIED':
      return { type: 'denied' };
    default:
      throw new Error(`no server sends ${means.command}`);
  }
}

function heartbeat(dialect: Dialect, id: string, time: string, hello: Meaning['hello']) {
  if (dialect === 'basic' || dialect === 'guide') return { dialect };
  if (dialect === 'tracked') return { dialect, id, time };
  if (!hello) throw new Error('a negotiated PING and PONG has a hello');
  return { dialect, id, time, hello };
}

function work(means: Meaning): { body: Content; headers: RequestHeaders } {
  const { pattern = '', attempt = 1, timeout, credit, metadata, mayHaveRun } = means;
  const { content, type, serialized } = bodyOf(means.body);
  const headers = { pattern, type, serialized, attempt, timeout, credit, metadata, mayHaveRun };
  return { body: content, headers };
}

function reply(dialect: Dialect, { id = '', status, body }: Meaning): OutgoingServerMessage {
  if (dialect !== 'negotiated') {
    const value = valueOf(body);
    const content = status === 'error' ? encodeUntypedError(value) : encodeBody(value).content;
    return { type: 'reply', dialect, id, body: content };
  }
  const { content, type, serialized } = bodyOf(body);
  const isJsonError = status === 'error' && type === 'json';
  return {
    type: 'reply',
    dialect,
    id,
    body: isJsonError ? encodeError(valueOf(body)) : content,
    headers: { status: status as ReplyStatus, type, serialized },
  };
}

function bodyOf(body: BodyMeaning = { empty: true }): Body {
  const { serialized } = body;
  if ('json' in body) return { type: 'json', content: JSON.stringify(body.json), serialized };
  return { ...encodeBody(valueOf(body)), serialized };
}

function valueOf(body: BodyMeaning = { empty: true }): unknown {
  if ('json' in body) return body.json;
  if ('text' in body) return body.text;
  return 'bytes' in body ? Buffer.from(body.bytes, 'hex') : undefined;
}
