import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** In seconds, as few as a client accepts. */
const TTL = 1;

/** Answers each question for A records with all addresses, as Docker's name server does for a service. Source: RFC 1035. */
export class NameServer {
  addresses: readonly string[] = [];
  readonly #socket: Socket = createSocket('udp4');

  constructor() {
    this.#socket.on('message', (question, from) => {
      this.#socket.send(this.#answer(question), from.port, from.address);
    });
  }

  /** Resolves with its address. */
  async listen(): Promise<string> {
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  close(): void {
    this.#socket.close();
  }

  #answer(question: Buffer): Buffer {
    // The question ends with the root's empty label, a type and a class.
    const end = question.indexOf(0, 12) + 5;
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(this.addresses.length, 6);
    header.writeUInt32BE(0, 8);
    const records = this.addresses.map((address) => {
      const record = Buffer.alloc(16);
      record.writeUInt16BE(0xc00c, 0); // the name of the question
      record.writeUInt16BE(1, 2); // A
      record.writeUInt16BE(1, 4); // IN
      record.writeUInt32BE(TTL, 6);
      record.writeUInt16BE(4, 10);
      record.set(address.split('.').map(Number), 12);
      return record;
    });
    return Buffer.concat([header, question.subarray(12, end), ...records]);
  }
}
