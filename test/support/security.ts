import { randomBytes } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import {
  type CurveClientSecurity,
  type CurveKeyPair,
  type CurveServerSecurity,
  FreelanceContext,
  generateCurveKeyPair,
} from 'nestjs-freelance';
import { Dealer, type SocketOptions } from 'zeromq';
import { sharedSecret } from '../../lib/security/curve-keys.js';
import { seal, secretOf } from '../../lib/security/seal.js';

/** Answers with the identity of its caller. */
@Controller()
export class WhoController {
  @MessagePattern('who')
  who(@Ctx() ctx: FreelanceContext) {
    return ctx.getPeer() ?? 'nobody asked for credentials';
  }
}

export const keys = { server: generateCurveKeyPair(), alice: generateCurveKeyPair() };

export function curveServer(
  authorizedClients: CurveServerSecurity['authorizedClients'],
  more: Partial<CurveServerSecurity> = {},
): CurveServerSecurity {
  return { mechanism: 'curve', ...keys.server, authorizedClients, ...more };
}

export function curveClient(
  own: CurveKeyPair,
  serverKey: CurveClientSecurity['serverKey'] = keys.server.publicKey,
): CurveClientSecurity {
  return { mechanism: 'curve', ...own, serverKey };
}

/** A client without the library, as in another language: a DEALER controlled by the test. */
export class RawClient implements Disposable {
  readonly socket: Dealer;
  /** The messages it received, as one line each. */
  readonly heard: string[] = [];
  readonly happened: string[] = [];

  constructor(endpoint: string, options: SocketOptions<Dealer> = {}) {
    this.socket = new Dealer({ linger: 0, immediate: true, sendTimeout: 5000, ...options });
    for (const event of ['handshake', 'disconnect', 'handshake:error:auth'] as const) {
      this.socket.events.on(event, () => this.happened.push(event));
    }
    this.socket.connect(endpoint);
    void this.#receive();
  }

  ask(pattern: string): Promise<void> {
    return this.socket.send(['', 'REQUEST', '1', JSON.stringify({ pattern, data: {} })]);
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }

  async #receive(): Promise<void> {
    try {
      for await (const frames of this.socket) this.heard.push(frames.join(' ').trim());
    } catch {
      // The socket was closed.
    }
  }
}

export function curveOptions(own: CurveKeyPair, serverKey = keys.server.publicKey) {
  return {
    curvePublicKey: own.publicKey,
    curveSecretKey: own.secretKey,
    curveServerKey: serverKey,
  };
}

/** The routing id of that client's connection. */
export function sealOf(own: CurveKeyPair, name = own.publicKey): string {
  const secret = sharedSecret(own.secretKey, keys.server.publicKey);
  if (!secret) throw new Error('the server has no key');
  return seal('curve', name, randomBytes(16), secret);
}

/** The same with PLAIN. */
export function plainSeal(name: string, password: string): string {
  return seal('plain', name, randomBytes(16), secretOf(password));
}
