import { Logger } from '@nestjs/common';
import type { MessageHandler, ReadPacket } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { FreelanceContext } from '../nest/server/freelance-context.js';
import { FreelanceTransportServer } from '../nest/server/freelance-transport-server.js';
import { nameOf } from '../protocol/pattern-name.js';
import { READINESS_PATTERN } from '../protocol/untyped.js';
import type { StubAnswer } from './stub-answer.js';
import type { StubCall } from './stub-call.js';
import { failing, tellingErrors } from './stub-errors.js';
import type { StubOffer } from './stub-subject.js';

/** Answers what comes, whatever its pattern is, and records it. */
export interface StubBook {
  record(call: StubCall): void;
  /** One that throws if the pattern has none. */
  answerOf(pattern: string): StubAnswer;
}

/** The server of a stub. Without Nest's pipeline: it has no module, and its answers are no handlers of Nest's. */
export class StubTransport extends FreelanceTransportServer {
  protected override readonly logger = new StubLogger('StubServer');
  readonly #book: StubBook;
  readonly #anyCall: MessageHandler = async (data: unknown, context: FreelanceContext) => {
    try {
      return tellingErrors(await this.#answer('call', data, context));
    } catch (error) {
      return failing(error);
    }
  };

  constructor(id: string, book: StubBook) {
    // A test that ends waits for no answer.
    super({ bind: `inproc://${id}`, serverId: id, drainTimeout: 0 });
    this.#book = book;
  }

  /** Offers a pattern, so that clients know what runs at most once, and introspection shows it. */
  offer({ pattern, isEvent, atMostOnce }: StubOffer): void {
    const call: MessageHandler = (data: unknown, context: unknown) => this.#anyCall(data, context);
    this.addHandler(pattern, call, isEvent, { atMostOnce });
  }

  override getHandlerByPattern(pattern: string): MessageHandler | null {
    const handler = super.getHandlerByPattern(pattern);
    // With a handler for readiness checks the server would ask that whether it is ready.
    return handler ?? (pattern === READINESS_PATTERN ? null : this.#anyCall);
  }

  override async handleEvent(
    _pattern: string,
    { data }: ReadPacket,
    context: FreelanceContext,
  ): Promise<void> {
    const result = await this.#answer('event', data, context);
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }

  #answer(kind: StubCall['kind'], data: unknown, context: FreelanceContext): unknown {
    const pattern = nameOf(context.getPattern());
    const metadata = copyOf(context.getMetadata());
    this.#book.record({
      kind,
      pattern,
      data: copyOf(data),
      metadata,
      attempt: context.getAttempt(),
    });
    return this.#book.answerOf(pattern)(data, context);
  }
}

/** An answer may change what it gets; the record must not change with it. It is bytes, or what was read from JSON. */
function copyOf<Value>(value: Value): Value;
function copyOf(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  // Not structuredClone, whose objects are of another realm than those of a test in Jest.
  return typeof value === 'object' ? JSON.parse(JSON.stringify(value)) : value;
}

/** Where a stub listens interests nobody; what goes wrong in it does. */
class StubLogger extends Logger {
  override log(): void {}
  override debug(): void {}
}
