import type { MessageHandler } from '@nestjs/microservices';

/** Patterns remembered. Clients choose them, so there must be an end. */
const MOST_REMEMBERED = 1000;

/**
 * Remembers which handler serves a pattern. Nest's own look-up parses every pattern as JSON and, for
 * plain text, catches the failure: on a busy server that is half of the work of a call.
 */
export class HandlerLookup {
  readonly #find: (pattern: string) => MessageHandler | null;
  readonly #remembered = new Map<string, MessageHandler>();

  constructor(find: (pattern: string) => MessageHandler | null) {
    this.#find = find;
  }

  find(pattern: string): MessageHandler | undefined {
    const remembered = this.#remembered.get(pattern);
    if (remembered) return remembered;
    const handler = this.#find(pattern);
    if (!handler) return undefined;
    if (this.#remembered.size < MOST_REMEMBERED) this.#remembered.set(pattern, handler);
    return handler;
  }
}

/** What Nest's `getPatternAsString` makes of it, which Nest has only since 11.2.4 and 12.0.4. */
export function patternAsText(pattern: unknown): string {
  // A peer's pattern is shallow by now (`isPattern`): this cannot overflow the stack.
  return typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
}
