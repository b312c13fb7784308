import { asMicrotask } from '../../node-timers.js';
import type {
  Connection,
  ConnectionListener,
  Peer,
  ServerListener,
  ServerSocket,
  SocketFrames,
  SocketPort,
  Traffic,
} from '../../sockets/socket-port.js';
import type { Faults } from './faults.js';
import { FaultyPeer } from './faulty-peer.js';

/** The sockets of one server process. Their faults are at the server's side, so that every client meets them. */
export class FaultySockets implements SocketPort {
  readonly #sockets: SocketPort;
  readonly #faults: Faults;
  #socket: FaultySocket | undefined;

  constructor(sockets: SocketPort, faults: Faults) {
    this.#sockets = sockets;
    this.#faults = faults;
  }

  connect(endpoint: string, listener: ConnectionListener): Connection {
    return this.#sockets.connect(endpoint, listener);
  }

  async bind(addresses: readonly string[], listener: ServerListener): Promise<ServerSocket> {
    const faulty = faultyListener(listener, this.#faults);
    const socket = await this.#sockets.bind(addresses, faulty);
    return (this.#socket = new FaultySocket(socket, this.#faults));
  }

  /** All connections end at once. Nothing is received or sent any more. */
  cut(): void {
    this.#faults.end();
    this.#socket?.cut();
  }
}

function faultyListener(listener: ServerListener, faults: Faults): ServerListener {
  const peers = new Map<Peer, FaultyPeer>();
  const faultyPeer = (peer: Peer): FaultyPeer => {
    const known = peers.get(peer) ?? new FaultyPeer(peer, faults);
    peers.set(peer, known);
    return known;
  };
  const received = (peer: FaultyPeer, frames: SocketFrames) => {
    for (const left of faults.refusals.sift(frames, (answer) => peer.send(answer)))
      listener.onMessage(peer, left);
  };
  return {
    ...listener,
    onMessage: (known, frames) => {
      const peer = faultyPeer(known);
      faults.receive(() => {
        if (!peer.hasLostAll) received(peer, frames);
      });
    },
    onPeerLost: (known) => {
      const peer = known && faultyPeer(known);
      if (known) peers.delete(known);
      // A system that gives up a connection drops what it could not send.
      if (peer && !faults.network.isOpen) peer.hasLostAll = true;
      faults.receive(() => listener.onPeerLost(peer));
    },
  };
}

class FaultySocket implements ServerSocket {
  readonly #socket: ServerSocket;
  readonly #faults: Faults;
  #onFreed = () => {};
  #isCut = false;

  constructor(socket: ServerSocket, faults: Faults) {
    this.#socket = socket;
    this.#faults = faults;
  }

  get endpoints(): readonly string[] {
    return this.#socket.endpoints;
  }

  /** After what was sent before, which may be delayed. A process that leaves does not wait for a network to heal. */
  close(onFreed = () => {}): void {
    this.#onFreed = onFreed;
    if (this.#isCut) return this.#freed();
    this.#faults.send(() => this.#socket.close(() => this.#freed()));
    this.#faults.leave(() => {
      if (!this.#faults.network.isOpen) this.#freed();
    });
  }

  cut(): void {
    this.#isCut = true;
    this.#socket.close();
    this.#freed();
  }

  traffic(): Traffic {
    return this.#socket.traffic();
  }

  unwrap(): unknown {
    return this.#socket.unwrap();
  }

  /** Tells it once. */
  #freed(): void {
    const tell = this.#onFreed;
    this.#onFreed = () => {};
    asMicrotask(tell);
  }
}
