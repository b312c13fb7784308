import { joined } from '../frame.js';
import { idOf, isTooLong } from './id.js';
import { type Malformed, malformed } from './malformed.js';
import type { ClientMessage, Frames, ServerMessage, Untyped, UntypedBody } from './messages.js';
import { decodeClientMessage, decodeServerMessage } from './plain-frames.js';

/**
 * Decodes the guide dialect. Source: RFC 10/FLP, and flcliapi.c and flserver3.c of the ZeroMQ guide.
 *
 * Its messages have no empty frame and no command. PING and PONG are one frame. The first frame of a request is the client's to
 * choose (RFC 10: "client control frame"; in the guide, a sequence number), and its reply has the same; all others are the body.
 */

const PING = Buffer.from('PING');
const PONG = Buffer.from('PONG');

/** As many as a PACK has messages. An engine may hand over any number. */
const MOST_BODY_FRAMES = 1024;

/** Reads a message to a server that also serves clients of the guide. */
export function decodeAnyClientMessage(frames: Frames): ClientMessage | Malformed {
  if (hasDelimiter(frames)) return decodeClientMessage(frames);
  if (frames.length > 1) return decodeExchange('request', frames);
  return isOnly(frames, PING) ? { type: 'ping', dialect: 'guide' } : malformed('unknown-command');
}

/** Reads a message of a server that the user has said to speak the guide dialect. */
export function decodeGuideServerMessage(frames: Frames): ServerMessage | Malformed {
  if (hasDelimiter(frames)) return denied(decodeServerMessage(frames));
  if (frames.length > 1) return decodeExchange('reply', frames);
  return isOnly(frames, PONG) ? { type: 'pong', dialect: 'guide' } : malformed('unknown-command');
}

function hasDelimiter({ 0: first }: Frames): boolean {
  return first === undefined || first.length === 0;
}

function isOnly({ 0: first }: Frames, command: Buffer): boolean {
  // A long frame is joined only if it can be the command.
  return first?.length === command.length && joined(first).equals(command);
}

function decodeExchange<Type extends 'request' | 'reply'>(
  type: Type,
  frames: Frames,
): Untyped<Type, UntypedBody> | Malformed {
  const { 0: control, 1: body, length } = frames;
  if (!control || !body || length > 1 + MOST_BODY_FRAMES) return malformed('wrong-frame-count');
  if (isTooLong(control)) return malformed('invalid-id');
  const id = idOf(control);
  return { type, dialect: 'guide', id, body: length === 2 ? body : frames.slice(1) };
}

/** What a server with an empty frame may say in any dialect: it does not know, or no longer, who this client is. */
function denied(message: ServerMessage | Malformed): ServerMessage | Malformed {
  return message.type === 'denied' || message.type === 'malformed'
    ? message
    : malformed('unknown-command');
}
