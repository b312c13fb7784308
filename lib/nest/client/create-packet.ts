import type { ReadPacket } from '@nestjs/microservices';
import { isThenable } from '../../core/thenable.js';

/** What `ClientProxy` has since Nest 12. */
interface Dispatching {
  createPacket(pattern: unknown, data: unknown): ReadPacket;
  onDispatchHook?: ((packet: ReadPacket) => unknown) | undefined;
}

const guardedHooks = new WeakSet<(packet: ReadPacket) => unknown>();

/**
 * The packet of a call as Nest makes it: since Nest 12 its dispatch hook may add metadata.
 *
 * @param failed gets what an async hook rejects with. Nest does not await hooks, so that the rejection would end the
 *   process
 * @throws what the hook throws
 */
export function createPacket(
  proxy: object,
  pattern: unknown,
  data: unknown,
  failed: (error: unknown) => void,
): ReadPacket {
  if (!('createPacket' in proxy)) return { pattern, data };
  const nest = proxy as Dispatching;
  const hook = nest.onDispatchHook;
  if (hook && !guardedHooks.has(hook)) {
    nest.onDispatchHook = (packet) => {
      const result = hook(packet);
      if (isThenable(result)) result.then(undefined, failed);
    };
    guardedHooks.add(nest.onDispatchHook);
  }
  return nest.createPacket(pattern, data);
}
