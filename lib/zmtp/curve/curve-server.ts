import { decodeCommand, unexpected } from '../command.js';
import type { CurveCrypto } from '../curve-crypto.js';
import type { HandshakeStep, HandshakeVerdict, Mechanism, PeerMetadata } from '../mechanism.js';
import { decodeMetadata, encodeMetadata } from '../metadata.js';
import type { OwnSocketType } from '../socket-type.js';
import { ask, failed, notAdmitted, ready, wait } from '../step.js';
import { isZmtpError, ZmtpError } from '../zmtp-error.js';
import type { CookieContent, CookieJar, CookieTicket } from './cookie-jar.js';
import { CurveCipher } from './curve-cipher.js';
import { freshKeyPair } from './key-pair.js';
import { openHello } from './hello.js';
import { type InitiateParts, openInitiate, splitInitiate } from './initiate.js';
import { ownedByNobody } from './malformed.js';
import { encodeReady } from './ready.js';
import { FIRST, NonceCounter, NonceGuard } from './short-nonces.js';
import { encodeWelcome } from './welcome.js';

export interface CurveServerOptions {
  readonly socketType: OwnSocketType;
  /** The server's long-term key pair, 32 bytes each: S and s. */
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
  /** Shared by all connections of a server. */
  readonly cookies: CookieJar;
  readonly crypto: CurveCrypto;
}

/** Each state holds exactly the secrets that it needs; leaving it wipes them. */
type State =
  | { readonly type: 'new' | 'started' | 'ready' | 'ended' }
  | {
      readonly type: 'welcome-sent';
      readonly ticket: CookieTicket;
      readonly helloNonce: Buffer;
    }
  | {
      readonly type: 'asking';
      /** The key that C' and S' share. */
      readonly key: Uint8Array;
      readonly peer: PeerMetadata;
      readonly received: NonceGuard;
    };

/**
 * The server side of CurveZMQ 1.0. Source: RFC 26; `curveClient` explains the names of keys.
 *
 *     new ── started ── ◀ HELLO, WELCOME ▶ welcome-sent ── ◀ INITIATE ── asking ── admitted: READY ▶ ready
 *
 * A refused or undecided client (ERROR), any protocol violation and `dispose` lead to `ended`. As in libzmq, a client that
 * violates the protocol is told nothing.
 */
export function curveServer(options: CurveServerOptions): Mechanism {
  return new CurveServer(options);
}

class CurveServer implements Mechanism {
  readonly name = 'CURVE';
  readonly isServer = true;
  readonly #options: CurveServerOptions;
  readonly #crypto: CurveCrypto;
  #state: State = { type: 'new' };
  #cipher: CurveCipher | undefined;

  constructor(options: CurveServerOptions) {
    this.#options = options;
    this.#crypto = options.crypto;
  }

  get cipher(): CurveCipher | undefined {
    return this.#cipher;
  }

  start(): HandshakeStep {
    if (this.#state.type !== 'new') return this.#fail(unexpected(''));
    this.#state = { type: 'started' };
    return wait();
  }

  receive(body: Buffer): HandshakeStep {
    const command = decodeCommand(body);
    if (isZmtpError(command)) return this.#fail(command);
    const { name, data } = command;
    if (name === 'HELLO' && this.#state.type === 'started') return this.#hello(data);
    if (name === 'INITIATE' && this.#state.type === 'welcome-sent') {
      return this.#initiate(data, this.#state);
    }
    return this.#fail(unexpected(name));
  }

  decide(verdict: HandshakeVerdict): HandshakeStep {
    if (this.#state.type !== 'asking') return this.#fail(unexpected(''));
    if (verdict === 'admitted') return this.#admit(this.#state);
    this.dispose();
    return notAdmitted(verdict);
  }

  dispose(): void {
    this.#enter({ type: 'ended' });
    this.#cipher?.dispose();
  }

  #hello(data: Buffer): HandshakeStep {
    const hello = openHello(this.#crypto, data, this.#options.secretKey);
    if (isZmtpError(hello)) return this.#fail(hello);
    // S' and s'. From here on, only the cookie holds s'.
    const { publicKey, secretKey } = freshKeyPair(this.#crypto);
    const { cookie, ticket } = this.#options.cookies.bake(hello.clientKey, secretKey);
    const welcome = encodeWelcome(this.#crypto, publicKey, cookie, hello.key);
    this.#crypto.wipe(secretKey);
    this.#crypto.wipe(hello.key);
    this.#state = { type: 'welcome-sent', ticket, helloNonce: hello.nonce };
    return wait(welcome);
  }

  #initiate(data: Buffer, { ticket, helloNonce }: State & { type: 'welcome-sent' }): HandshakeStep {
    const parts = splitInitiate(data);
    if (isZmtpError(parts)) return this.#fail(parts);
    if (parts.nonce.compare(helloNonce) <= 0) {
      return this.#fail(
        new ZmtpError('forged', 'the nonce of INITIATE is not larger than that of HELLO'),
      );
    }
    // The cookie is used up, whatever the outcome.
    this.#state = { type: 'ended' };
    const content = this.#options.cookies.open(parts.cookie, ticket);
    if (!content) {
      return this.#fail(
        new ZmtpError('forged', 'the cookie belongs to another connection, or is too old'),
      );
    }
    const key = this.#crypto.sharedKey(content.clientKey, content.secretKey);
    if (!key) {
      this.#crypto.wipe(content.secretKey);
      return this.#fail(ownedByNobody());
    }
    const shown = this.#open(parts, content, key);
    this.#crypto.wipe(content.secretKey);
    if (isZmtpError(shown)) {
      this.#crypto.wipe(key);
      return this.#fail(shown);
    }
    this.#state = { type: 'asking', key, peer: shown.peer, received: new NonceGuard(parts.nonce) };
    return ask({ mechanism: 'CURVE', publicKey: shown.publicKey });
  }

  #open(
    parts: InitiateParts,
    { clientKey, secretKey }: CookieContent,
    key: Uint8Array,
  ): { publicKey: Buffer; peer: PeerMetadata } | ZmtpError {
    const initiate = openInitiate(this.#crypto, parts, {
      clientTransientKey: clientKey,
      serverKey: this.#options.publicKey,
      transientSecretKey: secretKey,
      key,
    });
    if (isZmtpError(initiate)) return initiate;
    const peer = decodeMetadata(initiate.metadata, this.#options.socketType);
    if (isZmtpError(peer)) return peer;
    // Copied, since it outlives the command.
    return { publicKey: Buffer.from(initiate.clientKey), peer };
  }

  #admit({ key, peer, received }: State & { type: 'asking' }): HandshakeStep {
    const metadata = encodeMetadata(this.#options);
    const step = ready(peer, encodeReady(this.#crypto, FIRST, metadata, key));
    this.#cipher = new CurveCipher({
      isServer: true,
      key,
      sent: new NonceCounter(FIRST),
      received,
      crypto: this.#crypto,
    });
    // The cipher owns the key from here on.
    this.#state = { type: 'ready' };
    return step;
  }

  #fail(error: ZmtpError): HandshakeStep {
    this.dispose();
    return failed(error);
  }

  #enter(next: State): void {
    const left = this.#state;
    this.#state = next;
    if (left.type === 'welcome-sent') this.#options.cookies.discard(left.ticket);
    if (left.type === 'asking') this.#crypto.wipe(left.key);
  }
}
