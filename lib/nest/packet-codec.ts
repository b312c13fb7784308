import type { Deserializer, Serializer } from '@nestjs/microservices';
import { isBytes, Serialized } from '../protocol/body.js';

/**
 * Serializers of the user's, as Nest's other transports take them. They get and make whole packets:
 * `{ pattern, data }` of requests and events, `{ response }` or `{ err }` of answers. What they make of
 * one may be another such packet, or bytes or text, which only the other side's deserializer reads.
 * Each may be asynchronous. At a client its call is open meanwhile: its deadline, its signal, `close()` and unsubscribing
 * end it. At a server each has ten seconds; then its call fails, or its event is dropped, and the log says so.
 */
export interface PacketCodecOptions {
  serializer?: Serializer | undefined;
  deserializer?: Deserializer | undefined;
}

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

  /** The packet to send, or what stands for it in the place of its data. */
  async outgoing<Packet extends object>(packet: Packet): Promise<Packet | Serialized> {
    if (!this.#serializer) return packet;
    const made: unknown = await this.#serializer.serialize(packet);
    if (typeof made === 'string' || isBytes(made)) return new Serialized(made);
    return { ...packet, ...(made as Packet) };
  }

  /** The packet that came. `content` is its data, or a whole packet that the other side serialized. */
  async incoming<Packet extends object>(packet: Packet, content: unknown): Promise<Packet> {
    const came = content instanceof Serialized ? content.content : packet;
    const made: unknown = this.#deserializer ? await this.#deserializer.deserialize(came) : packet;
    return { ...packet, ...(made as Packet) };
  }
}

/** What was serialized, for those who have no deserializer: bytes or text. */
export function contentOf(value: unknown): unknown {
  return value instanceof Serialized ? value.content : value;
}
