import type { ServerTraits } from '../../core/member.js';
import type { Capability } from '../../protocol/hello.js';
import type { Dialect, Pong } from '../../protocol/messages.js';

/** Who a server is, what it speaks, and what it can do beyond calls, as one PONG has shown. */
export class ServerProfile {
  /** Undefined before the first PONG. */
  readonly dialect: Dialect | undefined;
  /** How the server calls itself; those of the tracked and the guide dialect do not. */
  readonly serverId: string | undefined;
  /** The largest frame that the server takes, in bytes, as far as it tells. */
  readonly maxMessageSize: number;
  /** The service that it says it is a part of. */
  readonly service: string | undefined;
  /** What it says of itself for the choice of a server. */
  readonly traits: ServerTraits;
  readonly #capabilities: ReadonlySet<string>;

  constructor(pong?: Pong) {
    const hello = pong?.dialect === 'negotiated' ? pong.hello : undefined;
    this.dialect = pong?.dialect;
    this.serverId = pong?.dialect === 'basic' ? pong.serverId : hello?.id;
    this.maxMessageSize = hello?.maxMessageSize ?? Infinity;
    this.service = hello?.service;
    this.traits = { zone: hello?.zone, weight: hello?.weight };
    this.#capabilities = new Set(hello?.capabilities);
  }

  can(capability: Capability): boolean {
    return this.#capabilities.has(capability);
  }

  /**
   * A basic server names no call in its reply: it takes one at a time, and a late reply, which would pass
   * for that of the next call, can only be kept away by dropping the connection.
   */
  get namesCalls(): boolean {
    return this.dialect !== 'basic';
  }

  /** Whether it reads the pattern beside the body; servers of the older dialects read it in the body. */
  get namesPatterns(): boolean {
    return this.dialect === undefined || this.dialect === 'negotiated';
  }
}

/** Of a server that has not answered a PING yet. */
export const UNKNOWN_PROFILE = new ServerProfile();
