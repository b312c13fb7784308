import type { FreelanceError } from '../../core/freelance-error.js';
import { areTooLong, exceeds } from '../../protocol/size.js';
import type { CallRequest } from './call-contract.js';
import type { ClientAgentOptions } from './client-agent-options.js';
import {
  describeLongHeaders,
  describeOverload,
  describeSubset,
  describeTooLarge,
} from './describe-failure.js';

export type CallAdmissionPolicy = Pick<
  ClientAgentOptions,
  'maxPending' | 'maxMessageSize' | 'subset'
>;

export interface CallAdmissionDeps {
  /** How many calls are open, those included that wait for a connection: whatever waits has a bound. */
  readonly open: () => number;
  /** The error of a client that is closed. */
  readonly closed: () => FreelanceError | undefined;
}

/** Decides which calls a client does not even begin: it has too many open, or no server could take them. */
export class CallAdmission {
  readonly #policy: CallAdmissionPolicy;
  readonly #deps: CallAdmissionDeps;

  constructor(policy: CallAdmissionPolicy, deps: CallAdmissionDeps) {
    this.#policy = policy;
    this.#deps = deps;
  }

  /** Undefined unless the client is closed. */
  get closed(): FreelanceError | undefined {
    return this.#deps.closed();
  }

  /** Undefined if the client may have so many more calls open. */
  overloadBy(calls: number): FreelanceError | undefined {
    const { maxPending } = this.#policy;
    return this.#deps.open() + calls > maxPending ? describeOverload(maxPending, calls) : undefined;
  }

  /** Undefined if the call may begin. @param calls how many the client would have open for it */
  refusalOf(request: CallRequest, calls = 1): FreelanceError | undefined {
    const { maxMessageSize, subset } = this.#policy;
    const refusal = this.closed ?? this.overloadBy(calls);
    if (refusal) return refusal;
    if (subset && request.routingKey !== undefined) return describeSubset('setRoutingKey');
    if (exceeds(request.body.content, maxMessageSize))
      return describeTooLarge(request, maxMessageSize);
    return areTooLong(request) ? describeLongHeaders(request) : undefined;
  }
}
