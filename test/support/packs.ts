import { decodeBody } from '../../lib/protocol/body.js';
import { isMalformed } from '../../lib/protocol/malformed.js';
import type {
  ClientMessage,
  Content,
  Frames,
  OutgoingFrames,
  PackableByClient,
  PackableByServer,
  ServerMessage,
} from '../../lib/protocol/messages.js';
import { PackWriter } from '../../lib/protocol/pack.js';

/** These messages in one, as an agent sends them. */
export function packOf(
  ...messages: (PackableByClient<Content> | PackableByServer<Content>)[]
): OutgoingFrames {
  const writer = new PackWriter();
  for (const message of messages) {
    if (!writer.add(message)) throw new Error(`no pack has room for this ${message.type}`);
  }
  return writer.take();
}

/** A pack as a peer may send it, whatever its block says. */
export function rawPack(block: unknown, ...large: Buffer[]): Frames {
  return [Buffer.alloc(0), Buffer.from('PACK'), Buffer.from(JSON.stringify(block)), ...large];
}

/** What the body of a negotiated message says, wherever it came. */
export function valueOf(message: ClientMessage | ServerMessage): unknown {
  if (!('headers' in message)) throw new Error(`a ${message.type} has no value`);
  const value = decodeBody(message.body, message.headers);
  if (isMalformed(value)) throw new Error(`a body that makes no sense: ${value.reason}`);
  return value.value;
}
