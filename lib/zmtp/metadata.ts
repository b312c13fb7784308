import type { PeerMetadata } from './mechanism.js';
import { printable } from './printable.js';
import { assumedPeer, canTalk, type OwnSocketType } from './socket-type.js';
import { ZmtpError } from './zmtp-error.js';

/** Source: RFC 37, "The Identity Property". */
export const LONGEST_ROUTING_ID = 255;

/** libzmq sends two properties, plus those that its user adds. */
export const MAX_PROPERTIES = 64;

const NOBODY = Buffer.alloc(0);

export interface OwnMetadata {
  readonly socketType: OwnSocketType;
  /** At most 255 bytes. */
  readonly routingId?: Buffer | undefined;
}

/** The properties at the end of a handshake, spelled and ordered as libzmq sends them. */
export function encodeMetadata({ socketType, routingId = NOBODY }: OwnMetadata): Buffer {
  if (routingId.length > LONGEST_ROUTING_ID) {
    throw new RangeError(`a routing id of ${routingId.length} bytes: at most 255 can be sent`);
  }
  return Buffer.concat([
    property('Socket-Type', Buffer.from(socketType)),
    property('Identity', routingId),
  ]);
}

function property(name: string, value: Buffer): Buffer {
  const head = Buffer.allocUnsafe(1 + name.length + 4);
  head[0] = name.length;
  head.write(name, 1, 'latin1');
  head.writeUInt32BE(value.length, 1 + name.length);
  return Buffer.concat([head, value]);
}

/** Reads the peer's properties; an error if the two sockets cannot talk. */
export function decodeMetadata(data: Buffer, own: OwnSocketType): PeerMetadata | ZmtpError {
  let socketType: string | undefined;
  let routingId: Buffer | undefined;
  let count = 0;
  for (let at = 0; at < data.length;) {
    const nameEnd = at + 1 + (data[at] ?? 0);
    if (nameEnd === at + 1 || nameEnd + 4 > data.length) return malformed();
    const valueStart = nameEnd + 4;
    const valueEnd = valueStart + data.readUInt32BE(nameEnd);
    if (valueEnd > data.length) return malformed();
    if (++count > MAX_PROPERTIES) {
      return new ZmtpError('too-large', `metadata of more than ${MAX_PROPERTIES} properties`);
    }
    const value = data.subarray(valueStart, valueEnd);
    // RFC 37: metadata names SHALL be case-insensitive.
    switch (data.toString('latin1', at + 1, nameEnd).toLowerCase()) {
      case 'socket-type':
        if (socketType !== undefined) return malformed();
        socketType = value.toString('latin1');
        break;
      case 'identity':
        if (routingId !== undefined || value.length > LONGEST_ROUTING_ID) return malformed();
        routingId = value;
        break;
    }
    at = valueEnd;
  }
  socketType ??= assumedPeer(own);
  if (!canTalk(own, socketType)) {
    const shown = printable(Buffer.from(socketType, 'latin1').subarray(0, 32));
    return new ZmtpError(
      'socket-type',
      `the peer is a ${shown} socket, which cannot talk to a ${own}`,
    );
  }
  return { socketType, routingId: copyOf(routingId) };
}

/** Copied, because the routing id outlives its command, and a slice would keep a slab of Node's pool alive. */
function copyOf(routingId: Buffer | undefined): Buffer {
  if (!routingId || routingId.length === 0) return NOBODY;
  const copy = Buffer.allocUnsafeSlow(routingId.length);
  copy.set(routingId);
  return copy;
}

function malformed(): ZmtpError {
  return new ZmtpError('malformed', 'metadata that is not in the form of RFC 37');
}
