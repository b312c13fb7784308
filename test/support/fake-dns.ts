import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6, type AddressInfo } from 'node:net';

/** A record that a name server has: an address, or an SRV record. */
export type FakeRecord =
  | { readonly address: string; readonly ttl: number }
  | {
      readonly target: string;
      readonly port: number;
      readonly priority: number;
      readonly weight: number;
    };

const TYPES = { A: 1, AAAA: 28, SRV: 33 } as const;

/** RFC 1035, 4.1.1. */
const NXDOMAIN = 3;

/** A name server over UDP, on a free port of the loopback interface. Source of the format: RFC 1035 and RFC 2782. */
export class FakeDns implements AsyncDisposable {
  readonly #records = new Map<string, readonly FakeRecord[]>();
  readonly #socket: Socket;
  /** `A orders.test`, in order. */
  readonly asked: string[] = [];
  isSilent = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (question, from) => {
      const answer = this.#answer(question);
      if (answer) socket.send(answer, from.port, from.address);
    });
  }

  static async start(): Promise<FakeDns> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new FakeDns(socket);
  }

  /** As the option `servers` takes it. */
  get server(): string {
    const { address, port }: AddressInfo = this.#socket.address();
    return `${address}:${port}`;
  }

  set(type: keyof typeof TYPES, name: string, ...records: readonly FakeRecord[]): void {
    this.#records.set(`${type} ${name}`, records);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #answer(question: Buffer): Buffer | undefined {
    const { name, end } = readName(question, 12);
    const number = question.readUInt16BE(end);
    const [type = ''] = Object.entries(TYPES).find(([, one]) => one === number) ?? [];
    this.asked.push(`${type} ${name}`);
    if (this.isSilent) return undefined;
    const isKnown = [...this.#records.keys()].some((key) => key.endsWith(` ${name}`));
    const records = this.#records.get(`${type} ${name}`) ?? [];
    const header = Buffer.alloc(12);
    question.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | (isKnown ? 0 : NXDOMAIN), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    const asked = question.subarray(12, end + 4);
    return Buffer.concat([header, asked, ...records.map((record) => writeRecord(number, record))]);
  }
}

function readName(message: Buffer, at: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

function writeRecord(type: number, record: FakeRecord): Buffer {
  const data = 'address' in record ? bytesOf(record.address) : srvOf(record);
  const head = Buffer.alloc(12);
  // The name of the question, by a pointer.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE('ttl' in record ? record.ttl : 5, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function bytesOf(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const all = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function srvOf({
  target,
  port,
  priority,
  weight,
}: Extract<FakeRecord, { target: string }>): Buffer {
  const head = Buffer.alloc(6);
  [priority, weight, port].forEach((number, index) => head.writeUInt16BE(number, 2 * index));
  const labels = target.split('.').filter((label) => label !== '');
  const name = labels.map((label) =>
    Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1'),
  );
  return Buffer.concat([head, ...name, Buffer.alloc(1)]);
}
