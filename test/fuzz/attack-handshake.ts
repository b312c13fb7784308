import { isDeepStrictEqual } from 'node:util';
import { sodiumCrypto } from '../../lib/sockets/node/sodium.js';
import { CookieJar } from '../../lib/zmtp/curve/cookie-jar.js';
import { curveClient } from '../../lib/zmtp/curve/curve-client.js';
import { curveServer } from '../../lib/zmtp/curve/curve-server.js';
import { freshKeyPair } from '../../lib/zmtp/curve/key-pair.js';
import type { Mechanism } from '../../lib/zmtp/mechanism.js';
import { nullMechanism } from '../../lib/zmtp/null-mechanism.js';
import { plainClient } from '../../lib/zmtp/plain-client.js';
import { plainServer } from '../../lib/zmtp/plain-server.js';
import type { AttackResult, Plan } from './attack.js';
import { Chance } from './chance.js';
import { HandshakeSide } from './handshake-side.js';
import { ManInTheMiddle, type Recording } from './man-in-the-middle.js';
import type { Message } from './material.js';

const crypto = await sodiumCrypto();
const [serverPair, clientPair] = [freshKeyPair(crypto), freshKeyPair(crypto)];
const ROUTING_ID = 'client-1';

/** One run in this many is not attacked: then everything must succeed. */
const UNCHANGED = 16;
const MOST_CHANGES = 3;
/** More turns than a handshake and its messages take. */
const MOST_ROUNDS = 20;
const MESSAGES = 3;

export interface HandshakeResult extends AttackResult {
  /** How the two sides ended, and how often: `server/client`. */
  readonly ends: Map<string, number>;
}

/**
 * Handshakes and some messages between two honest sides, with an attacker in between. With CURVE the attacker may end them,
 * but nobody may be admitted, and every message received must have been sent, in order.
 */
export function attackHandshakes(plan: Plan): HandshakeResult {
  const result: HandshakeResult = { sent: 0, connections: 0, findings: [], ends: new Map() };
  const cookies = new CookieJar(crypto, () => 0);
  let earlier: Recording = [[], []];
  for (let n = plan.first; n < plan.first + plan.messages; n++) {
    const chance = new Chance(plan.seed, n);
    const handshake = new AttackedHandshake(chance, cookies, earlier);
    try {
      handshake.run();
    } catch (error) {
      handshake.findings.push(`thrown: ${String(error instanceof Error ? error.stack : error)}`);
    }
    if (handshake.isUnchanged && handshake.mechanism === 'CURVE') earlier = handshake.recording;
    result.findings.push(...handshake.findings.map((finding) => `${n}: ${finding}`));
    result.ends.set(handshake.end, (result.ends.get(handshake.end) ?? 0) + 1);
    result.connections++;
    result.sent++;
    plan.progress?.(result.sent);
  }
  return result;
}

class AttackedHandshake {
  readonly mechanism: 'CURVE' | 'PLAIN' | 'NULL';
  readonly isUnchanged: boolean;
  readonly findings: string[] = [];
  /** The final states of both sides: `server/client`. */
  end = '';
  readonly #chance: Chance;
  readonly #verdict: 'admitted' | 'refused';
  readonly #client: HandshakeSide;
  readonly #server: HandshakeSide;
  readonly #middle: ManInTheMiddle;
  readonly #said: readonly [byClient: Message[], byServer: Message[]] = [[], []];

  constructor(chance: Chance, cookies: CookieJar, earlier: Recording) {
    this.#chance = chance;
    this.mechanism = chance.of([
      'CURVE',
      'CURVE',
      'CURVE',
      'CURVE',
      'CURVE',
      'CURVE',
      'PLAIN',
      'NULL',
    ] as const);
    this.isUnchanged = chance.below(UNCHANGED) === 0;
    this.#verdict = chance.below(8) === 0 ? 'refused' : 'admitted';
    const [client, server] = mechanisms(this.mechanism, cookies);
    this.#client = new HandshakeSide(client);
    this.#server = new HandshakeSide(server);
    const changes = this.isUnchanged ? 0 : 1 + chance.below(MOST_CHANGES);
    this.#middle = new ManInTheMiddle(chance, earlier, changes);
  }

  get recording(): Recording {
    return this.#middle.recording;
  }

  run(): void {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const toServer = Buffer.concat(this.#client.session.takeOutput());
      const toClient = Buffer.concat(this.#server.session.takeOutput());
      if (toServer.length === 0 && toClient.length === 0) break;
      const pieces = this.#chance.of([1, 7, 100, 10_000]);
      this.#server.receive(this.#middle.pass(0, toServer), pieces);
      this.#server.decide(this.#verdict);
      this.#client.receive(this.#middle.pass(1, toClient), pieces);
      this.#say(this.#client, this.#said[0]);
      this.#say(this.#server, this.#said[1]);
    }
    const [server, client] = [this.#server, this.#client].map(
      ({ session, code }) => code ?? session.state,
    );
    this.end = `${this.mechanism} ${server}/${client}`;
    this.#judge();
    this.#client.session.close();
    this.#server.session.close();
  }

  #say(side: HandshakeSide, said: Message[]): void {
    if (!side.isReady || said.length === MESSAGES) return;
    const frames = Array.from({ length: 1 + this.#chance.below(3) }, () =>
      this.#chance.bytes(this.#chance.of([0, 1, 5, 300])),
    );
    side.session.ping(5);
    side.session.send(frames);
    said.push(frames);
  }

  #judge(): void {
    this.findings.push(...this.#client.findings, ...this.#server.findings);
    if (this.isUnchanged) this.#judgeUnchanged();
    if (this.mechanism !== 'CURVE') return;
    const [byClient, byServer] = this.#said;
    if (!isStartOf(this.#server.messages, byClient))
      this.findings.push('the server heard what nobody said');
    if (!isStartOf(this.#client.messages, byServer))
      this.findings.push('the client heard what nobody said');
    const { credentials, routingId } = this.#server;
    const [shown] = credentials;
    if (shown && !(shown.mechanism === 'CURVE' && shown.publicKey.equals(clientPair.publicKey))) {
      this.findings.push('the server was shown another key');
    }
    if (routingId !== undefined && (routingId !== ROUTING_ID || this.#verdict === 'refused')) {
      this.findings.push(`the server let in ${routingId}, who was ${this.#verdict}`);
    }
    if (this.#client.routingId !== undefined && this.#server.routingId === undefined) {
      this.findings.push('the client was let in by nobody');
    }
  }

  #judgeUnchanged(): void {
    const isIn =
      this.#server.messages.length === MESSAGES && this.#client.messages.length === MESSAGES;
    const isOut = this.#server.code === 'refused' && this.#client.code === 'refused';
    const isRefused = this.#verdict === 'refused' && this.mechanism !== 'NULL';
    if (!(isRefused ? isOut : isIn))
      this.findings.push(`nobody changed anything, and yet: ${this.end}`);
  }
}

function isStartOf(heard: readonly Message[], said: readonly Message[]): boolean {
  return isDeepStrictEqual(heard, said.slice(0, heard.length));
}

function mechanisms(
  name: 'CURVE' | 'PLAIN' | 'NULL',
  cookies: CookieJar,
): [client: Mechanism, server: Mechanism] {
  const client = { socketType: 'DEALER', routingId: Buffer.from(ROUTING_ID) } as const;
  const server = { socketType: 'ROUTER' } as const;
  switch (name) {
    case 'CURVE':
      return [
        curveClient({ ...client, ...clientPair, serverKey: serverPair.publicKey, crypto }),
        curveServer({ ...server, ...serverPair, cookies, crypto }),
      ];
    case 'PLAIN':
      return [plainClient({ ...client, username: 'me', password: 'secret' }), plainServer(server)];
    case 'NULL':
      return [nullMechanism(client), nullMechanism(server)];
  }
}
