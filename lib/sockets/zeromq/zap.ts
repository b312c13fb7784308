import type { Credentials, Verdict } from '../../security/credentials.js';
import { publicKeyOf } from '../../security/curve-keys.js';
import { exactText } from '../../security/exact-text.js';

/**
 * ZAP, with which libzmq asks who may connect. Source: RFC 27 of ZeroMQ, "ZeroMQ Authentication Protocol". libzmq leaves the
 * frame for the client's routing id empty, since it does not know it yet.
 */
export interface ZapRequest {
  /** Has to be sent back. */
  readonly requestId: Buffer;
  /** Names the server whose socket asks. */
  readonly domain: string;
  /** The client's IP address; empty over `ipc://`. */
  readonly address: string;
  readonly credentials: Credentials;
}

const VERSION = '1.0';

/** Not RFC 27's status 300 for temporary failures: with that, libzmq lets the client wait without a word. */
const STATUS: Record<Verdict, readonly [code: string, text: string]> = {
  admitted: ['200', 'OK'],
  refused: ['400', 'not authorized'],
  failed: ['500', 'cannot tell'],
};

/** @param frames those after the empty one @returns undefined if they are no request, or of another mechanism */
export function decodeZapRequest(frames: readonly Buffer[]): ZapRequest | undefined {
  const [version, requestId, domain, address, routingId, mechanism, ...rest] = frames;
  if (!version || !requestId || !domain || !address || !routingId || !mechanism) return undefined;
  const credentials = credentialsOf(mechanism.toString(), rest);
  if (version.toString() !== VERSION || !credentials) return undefined;
  return { requestId, domain: domain.toString(), address: address.toString(), credentials };
}

export function encodeZapReply(
  requestId: Buffer,
  verdict: Verdict,
  userId = '',
): (Buffer | string)[] {
  const [code, text] = STATUS[verdict];
  return [VERSION, requestId, code, text, verdict === 'admitted' ? userId : '', ''];
}

function credentialsOf(mechanism: string, frames: readonly Buffer[]): Credentials | undefined {
  const [first, second] = frames;
  if (mechanism === 'CURVE' && frames.length === 1 && first?.length === 32) {
    return { mechanism: 'curve', publicKey: publicKeyOf(first) };
  }
  if (mechanism === 'PLAIN' && frames.length === 2 && first && second) {
    const [username, password] = [exactText(first), exactText(second)];
    if (username === undefined || password === undefined) return undefined;
    return { mechanism: 'plain', username, password };
  }
  return undefined;
}
