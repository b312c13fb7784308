import { decodeBody } from '../../lib/protocol/body.js';
import { isMalformed } from '../../lib/protocol/malformed.js';
import type {
  ClientMessage,
  Content,
  OutgoingFrames,
  PackableByClient,
  PackableByServer,
  ServerMessage,
} from '../../lib/protocol/messages.js';
import { PackWriter } from '../../lib/protocol/pack-writer.js';

/** These messages in one pack, as an agent sends them. */
export function packOf(
  ...messages: (PackableByClient<Content> | PackableByServer<Content>)[]
): OutgoingFrames {
  const writer = new PackWriter();
  for (const message of messages) {
    if (!writer.add(message)) throw new Error(`no pack has room for this ${message.type}`);
  }
  return writer.take();
}

/** A pack as a peer may send it, with an arbitrary block. */
export function rawPack(block: unknown, ...large: Buffer[]): Buffer[] {
  return [Buffer.alloc(0), Buffer.from('PACK'), Buffer.from(JSON.stringify(block)), ...large];
}

/** The value of a negotiated message's body, in a pack or in a frame. */
export function valueOf(message: ClientMessage | ServerMessage): unknown {
  if (!('headers' in message)) throw new Error(`a ${message.type} has no value`);
  const value = decodeBody(message.body, message.headers);
  if (isMalformed(value)) throw new Error(`a body that makes no sense: ${value.reason}`);
  return value.value;
}
