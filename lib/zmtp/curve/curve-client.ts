import { decodeCommand, decodeError, unexpected } from '../command.js';
import type { CurveCrypto } from '../curve-crypto.js';
import type { HandshakeStep, Mechanism } from '../mechanism.js';
import { decodeMetadata, encodeMetadata } from '../metadata.js';
import type { OwnSocketType } from '../socket-type.js';
import { failed, ready, wait } from '../step.js';
import { isZmtpError, type ZmtpError } from '../zmtp-error.js';
import { CurveCipher } from './curve-cipher.js';
import { freshKeyPair } from './key-pair.js';
import { encodeHello } from './hello.js';
import { encodeInitiate, encodeVouch } from './initiate.js';
import { ownedByNobody } from './malformed.js';
import { openReady } from './ready.js';
import { FIRST, NonceCounter, NonceGuard, SECOND } from './short-nonces.js';
import { openWelcome } from './welcome.js';

export interface CurveClientOptions {
  readonly socketType: OwnSocketType;
  /** At most 255 bytes. */
  readonly routingId: Buffer;
  /** The client's long-term key pair, 32 bytes each: C and c. */
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
  /** The server's long-term public key, 32 bytes: S. */
  readonly serverKey: Uint8Array;
  readonly crypto: CurveCrypto;
}

/** Each state holds exactly the secrets that it needs; leaving it wipes them. */
type State =
  | { readonly type: 'new' | 'ready' | 'ended' }
  | {
      readonly type: 'hello-sent';
      /** C' and c' */
      readonly publicKey: Uint8Array;
      readonly secretKey: Uint8Array;
      /** The key that C' and S share. */
      readonly helloKey: Uint8Array;
    }
  /** `key`: the key that C' and S' share. */
  | { readonly type: 'initiate-sent'; readonly key: Uint8Array };

/**
 * The client side of CurveZMQ 1.0. Source: RFC 26. Comments name keys as it does: C, c and S, s are the long-term public and
 * secret keys of client and server; C', c' and S', s' are made for one connection.
 *
 *     new ── HELLO ▶ hello-sent ── ◀ WELCOME, INITIATE ▶ initiate-sent ── ◀ READY ── ready
 *
 * ERROR, any protocol violation and `dispose` lead to `ended`.
 */
export function curveClient(options: CurveClientOptions): Mechanism {
  return new CurveClient(options);
}

class CurveClient implements Mechanism {
  readonly name = 'CURVE';
  readonly isServer = false;
  readonly #options: CurveClientOptions;
  readonly #crypto: CurveCrypto;
  #state: State = { type: 'new' };
  #cipher: CurveCipher | undefined;

  constructor(options: CurveClientOptions) {
    this.#options = options;
    this.#crypto = options.crypto;
  }

  get cipher(): CurveCipher | undefined {
    return this.#cipher;
  }

  start(): HandshakeStep {
    if (this.#state.type !== 'new') return this.#fail(unexpected(''));
    const { publicKey, secretKey } = freshKeyPair(this.#crypto);
    const helloKey = this.#crypto.sharedKey(this.#options.serverKey, secretKey);
    if (!helloKey) return this.#fail(ownedByNobody());
    this.#state = { type: 'hello-sent', publicKey, secretKey, helloKey };
    return wait(encodeHello(this.#crypto, publicKey, FIRST, helloKey));
  }

  receive(body: Buffer): HandshakeStep {
    const command = decodeCommand(body);
    if (isZmtpError(command)) return this.#fail(command);
    const { name, data } = command;
    const isWaiting = this.#state.type === 'hello-sent' || this.#state.type === 'initiate-sent';
    if (name === 'ERROR' && isWaiting) return this.#fail(decodeError(data));
    if (name === 'WELCOME' && this.#state.type === 'hello-sent')
      return this.#welcome(data, this.#state);
    if (name === 'READY' && this.#state.type === 'initiate-sent')
      return this.#ready(data, this.#state);
    return this.#fail(unexpected(name));
  }

  /** A client is never asked for a verdict. */
  decide(): HandshakeStep {
    return this.#fail(unexpected(''));
  }

  dispose(): void {
    this.#enter({ type: 'ended' });
    this.#cipher?.dispose();
  }

  #welcome(data: Buffer, state: State & { type: 'hello-sent' }): HandshakeStep {
    const welcome = openWelcome(this.#crypto, data, state.helloKey);
    if (isZmtpError(welcome)) return this.#fail(welcome);
    const key = this.#crypto.sharedKey(welcome.serverKey, state.secretKey);
    if (!key) return this.#fail(ownedByNobody());
    const vouch = encodeVouch(this.#crypto, {
      publicKey: this.#options.publicKey,
      secretKey: this.#options.secretKey,
      transientKey: state.publicKey,
      serverKey: this.#options.serverKey,
      serverTransientKey: welcome.serverKey,
    });
    if (isZmtpError(vouch)) {
      this.#crypto.wipe(key);
      return this.#fail(vouch);
    }
    const content = Buffer.concat([vouch, encodeMetadata(this.#options)]);
    this.#enter({ type: 'initiate-sent', key });
    return wait(encodeInitiate(this.#crypto, welcome.cookie, SECOND, content, key));
  }

  #ready(data: Buffer, { key }: State & { type: 'initiate-sent' }): HandshakeStep {
    const shown = openReady(this.#crypto, data, key);
    if (isZmtpError(shown)) return this.#fail(shown);
    const peer = decodeMetadata(shown.metadata, this.#options.socketType);
    if (isZmtpError(peer)) return this.#fail(peer);
    this.#cipher = new CurveCipher({
      isServer: false,
      key,
      sent: new NonceCounter(SECOND),
      received: new NonceGuard(shown.nonce),
      crypto: this.#crypto,
    });
    // The cipher owns the key from here on.
    this.#state = { type: 'ready' };
    return ready(peer);
  }

  #fail(error: ZmtpError): HandshakeStep {
    this.dispose();
    return failed(error);
  }

  #enter(next: State): void {
    const left = this.#state;
    this.#state = next;
    if (left.type === 'hello-sent') {
      this.#crypto.wipe(left.secretKey);
      this.#crypto.wipe(left.helloKey);
    }
    if (left.type === 'initiate-sent') this.#crypto.wipe(left.key);
  }
}
