import type { Capability } from '../../protocol/hello.js';
import type { Dialect, Pong } from '../../protocol/messages.js';

/** Who a server is, what it speaks, and what it can do beyond calls, as its latest PONG has shown. */
export class Tongue {
  #dialect: Dialect | undefined;
  #serverId: string | undefined;
  #capabilities: ReadonlySet<string> = new Set();
  #maxMessageSize = Infinity;

  /** Undefined before the first PONG. */
  get dialect(): Dialect | undefined {
    return this.#dialect;
  }

  /** How the server calls itself; tracked servers do not. */
  get serverId(): string | undefined {
    return this.#serverId;
  }

  /** The largest frame that the server takes, in bytes, as far as it tells. */
  get maxMessageSize(): number {
    return this.#maxMessageSize;
  }

  can(capability: Capability): boolean {
    return this.#capabilities.has(capability);
  }

  /**
   * A basic server names no call in its reply: it takes one at a time, and a late reply, which would pass
   * for that of the next call, can only be kept away by dropping the connection.
   */
  get namesCalls(): boolean {
    return this.#dialect !== 'basic';
  }

  /** Whether it reads the pattern beside the body; servers of the older dialects read it in the body. */
  get namesPatterns(): boolean {
    return this.#dialect === undefined || this.#dialect === 'negotiated';
  }

  heard(pong: Pong): void {
    this.#dialect = pong.dialect;
    this.#serverId = serverIdOf(pong);
    const hello = pong.dialect === 'negotiated' ? pong.hello : undefined;
    this.#capabilities = new Set(hello?.capabilities);
    this.#maxMessageSize = hello?.maxMessageSize ?? Infinity;
  }

  /** Without a connection there is nothing to be done; who comes next may be another one. */
  fellSilent(): void {
    this.#capabilities = new Set();
  }
}

function serverIdOf(pong: Pong): string | undefined {
  switch (pong.dialect) {
    case 'basic':
      return pong.serverId;
    case 'tracked':
      return undefined;
    case 'negotiated':
      return pong.hello.id;
  }
}
