import type { WritePacket } from '@nestjs/microservices';
import type { CallObserver } from '../../agents/client/call.js';
import { FreelanceError } from '../../core/freelance-error.js';
import { contentOf, type PacketCodec } from '../packet-codec.js';

type Callback = (packet: WritePacket) => void;

/** Hands what comes of a call to Nest, in its order, through the user's deserializer if there is one. */
export function answersTo(callback: Callback, codec: PacketCodec): CallObserver {
  return codec.deserializes ? deserialized(callback, codec) : new AsTheyAre(callback);
}

class AsTheyAre implements CallObserver {
  readonly #callback: Callback;

  constructor(callback: Callback) {
    this.#callback = callback;
  }

  next(value: unknown): void {
    this.#callback({ response: contentOf(value) });
  }

  complete(): void {
    this.#callback({ isDisposed: true });
  }

  error(error: unknown): void {
    this.#callback(failure(contentOf(error)));
  }
}

function deserialized(callback: Callback, codec: PacketCodec): CallObserver {
  let turn = Promise.resolve();
  const inTurn = (packet: () => WritePacket | Promise<WritePacket>) => {
    turn = turn
      .then(packet)
      .then(callback)
      .catch((error: unknown) => callback(failure(error)));
  };
  return {
    next: (value) => inTurn(() => codec.incoming({ response: value }, value)),
    complete: () => inTurn(() => ({ isDisposed: true })),
    judges: true,
    error: (error, judge) =>
      inTurn(async () => {
        if (error instanceof FreelanceError) return { err: error };
        try {
          const packet = await codec.incoming<WritePacket>({ err: error }, error);
          judge?.(packet.err);
          return packet;
        } catch (unreadable) {
          judge?.(unreadable);
          throw unreadable;
        }
      }),
  };
}

/** Nest takes a falsy error for none. */
function failure(error: unknown): WritePacket {
  return { err: error || 'Unknown error' };
}
