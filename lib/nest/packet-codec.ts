import type { Deserializer, Serializer } from '@nestjs/microservices';
import { isBytes, Serialized } from '../protocol/body.js';

/**
 * The user's serializer and deserializer, as Nest's other transports take them. They get whole packets: `{ pattern, data }`
 * for requests and events, `{ response }` or `{ err }` for answers. They return such a packet, or bytes or text that only
 * the other side's deserializer reads. Both may be asynchronous. At a client the call is open meanwhile: its deadline, its
 * signal, `close()` and unsubscribing end it. At a server each may take 10 s; then the call fails, or the event is dropped,
 * and the error is logged.
 */
export interface PacketCodecOptions {
  serializer?: Serializer | undefined;
  deserializer?: Deserializer | undefined;
}

/** Serializes and deserializes packets; without a serializer or deserializer of the user's they stay as they are. */
export class PacketCodec {
  readonly #serializer: Serializer | undefined;
  readonly #deserializer: Deserializer | undefined;

  constructor({ serializer, deserializer }: PacketCodecOptions) {
    this.#serializer = serializer;
    this.#deserializer = deserializer;
  }

  get serializes(): boolean {
    return this.#serializer !== undefined;
  }

  get deserializes(): boolean {
    return this.#deserializer !== undefined;
  }

  /** The packet to send, or its serialized form, which is sent in the place of the data. */
  async outgoing<Packet extends object>(packet: Packet): Promise<Packet | Serialized> {
    if (!this.#serializer) return packet;
    const made: unknown = await this.#serializer.serialize(packet);
    if (typeof made === 'string' || isBytes(made)) return new Serialized(made);
    return { ...packet, ...(made as Packet) };
  }

  /** The packet that was received. @param content its data, or the whole packet as the other side serialized it */
  async incoming<Packet extends object>(packet: Packet, content: unknown): Promise<Packet> {
    const came = content instanceof Serialized ? content.content : packet;
    const made: unknown = this.#deserializer ? await this.#deserializer.deserialize(came) : packet;
    return { ...packet, ...(made as Packet) };
  }
}

/** The value itself; of a serialized packet, for a side without a deserializer, its bytes or text. */
export function contentOf(value: unknown): unknown {
  return value instanceof Serialized ? value.content : value;
}
