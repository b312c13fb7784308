import { BaseRpcContext } from '@nestjs/microservices';
import type { ServerRequest } from '../agents/server/server-call.js';
import type { Metadata } from '../protocol/headers.js';

type FreelanceContextArgs = [request: ServerRequest, pattern: string];

/** What a handler may know of the call it serves, by `@Ctx()`. */
export class FreelanceContext extends BaseRpcContext<FreelanceContextArgs> {
  /** The pattern that the caller named; an object as its JSON. */
  getPattern(): string {
    return this.args[1];
  }

  /** What the caller sent beside the data, by `setMetadata`; empty if nothing. */
  getMetadata(): Metadata {
    return this.args[0].metadata;
  }

  /** Which try of the call this is, from 1: more than 1 says that another server may have run it. */
  getAttempt(): number {
    return this.args[0].attempt;
  }
}
