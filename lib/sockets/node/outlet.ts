import type { Socket } from 'node:net';
import { spareMemory } from '../../zmtp/spare-memory.js';

/** So much is given to the system at once: between two such writes it is seen whether the peer reads at all. */
const MOST_AT_ONCE = 256 * 1024;

/** What leaves by one socket of Node's, in its order. */
export class Outlet {
  readonly #socket: Socket;
  /** What the system is given once it has taken what it has. */
  #later: Buffer[] = [];
  #laterBytes = 0;
  /** Whether the system has taken something since it was last looked at. */
  #hasMoved = false;
  #looks = 0;
  #sent = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => {
      this.#hasMoved = true;
      this.#writeLater();
    });
  }

  /**
   * How many bytes the socket was given. `socket.bytesWritten` would shrink: it contains what is buffered, and a socket that is
   * destroyed drops that.
   */
  get sent(): number {
    return this.#sent;
  }

  /** What was given to it, and has not left. */
  get bytes(): number {
    return this.#laterBytes + this.#socket.writableLength;
  }

  /** Whether more may be given to it. What the system does not take yet leaves in few writes once it has taken what it has. */
  get isReady(): boolean {
    const socket = this.#socket;
    return socket.writable && !socket.writableNeedDrain && this.#laterBytes === 0;
  }

  write(chunks: readonly Buffer[]): void {
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    if (bytes <= MOST_AT_ONCE) return this.#write(chunks);
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += MOST_AT_ONCE) {
        this.#later.push(chunk.subarray(at, at + MOST_AT_ONCE));
      }
    }
    this.#laterBytes += bytes;
    this.#writeLater();
  }

  /** The last that leaves. */
  end(chunks: readonly Buffer[]): void {
    const last = [...this.#later, ...chunks];
    this.#later = [];
    this.#laterBytes = 0;
    this.#write(last);
  }

  /**
   * To be called now and then. It counts looks, and not time, in which this side may have stood still.
   *
   * @returns how many times in a row nothing has left of what waits
   */
  look(): number {
    const stands = this.#socket.writableNeedDrain && !this.#hasMoved;
    this.#hasMoved = false;
    this.#looks = stands ? this.#looks + 1 : 0;
    return this.#looks;
  }

  #writeLater(): void {
    while (this.#later.length > 0 && !this.#socket.writableNeedDrain) {
      let bytes = 0;
      let count = 0;
      for (const chunk of this.#later) {
        if (count > 0 && bytes + chunk.length > MOST_AT_ONCE) break;
        bytes += chunk.length;
        count++;
      }
      this.#laterBytes -= bytes;
      this.#write(this.#later.splice(0, count));
    }
  }

  #write(chunks: readonly Buffer[]): void {
    const socket = this.#socket;
    const isTaken = socket.writable;
    if (chunks.length > 1) socket.cork();
    for (const chunk of chunks) {
      if (isTaken) this.#sent += chunk.length;
      socket.write(chunk, spareMemory.whenLeft(chunk));
    }
    if (chunks.length > 1) socket.uncork();
  }
}
