import type { ClientProxy } from '@nestjs/microservices';
import { AsyncSubject, type Observable } from 'rxjs';
import { checkCallOptions } from '../nest/client/call-option-rules.js';
import type { FreelanceCallOptions } from '../nest/client/freelance-call-options.js';
import { FreelanceClientProxy } from '../nest/client/freelance-client-proxy.js';
import {
  FreelanceRecord,
  FreelanceRecordBuilder,
  NO_OPTIONS,
} from '../nest/client/freelance-record.js';
import { inContextOfSubscriber } from '../nest/client/in-context.js';
import { PacedRecord, PacedValues } from '../nest/client/paced-values.js';
import { badOptions } from '../nest/options/bad-options.js';
import { shown } from '../nest/options/shown.js';
import type { Contract } from './contract.js';
import { ContractCall } from './contract-call.js';
import { ContractStream } from './contract-stream.js';
import { withContractErrors, withContractErrorsOf } from './restored-errors.js';

/** What a contract asks of a client: Nest's `ClientProxy` has it. */
export type Caller = Pick<ClientProxy, 'send' | 'emit'>;

/** Calls one entry of a contract. */
export class EntryCaller {
  /** For errors: `orders.place`, whatever its pattern. */
  readonly #name: string;
  readonly #proxy: Caller;
  readonly #pattern: string | object | undefined;
  readonly #hasPayloadSchema: boolean;
  /** Whether the server may answer with a `ContractViolation`. */
  readonly #isValidated: boolean;

  constructor(contract: Contract, key: string, proxy: Caller) {
    const { payload, result } = contract.entries[key]?.options ?? {};
    this.#name = `${contract.name}.${key}`;
    this.#proxy = proxy;
    this.#pattern = contract.patterns[key];
    this.#hasPayloadSchema = payload !== undefined;
    this.#isValidated = payload !== undefined || result !== undefined;
  }

  /** @throws FreelanceError `BAD_OPTIONS` */
  rpc(data: unknown, options?: FreelanceCallOptions): ContractCall<unknown> {
    if (options?.broadcast) {
      throw badOptions(
        `${this.#name}: a call with one result cannot be a broadcast. Leave the option out, or make the entry a stream`,
      );
    }
    const sent = this.#sent(data, options);
    return new ContractCall(() => this.#send(sent));
  }

  /** @throws FreelanceError `BAD_OPTIONS` */
  stream(data: unknown, options?: FreelanceCallOptions): ContractStream<unknown> {
    const sent = this.#sent(data, options);
    const iterate = () => this.#iterate(sent);
    return new ContractStream(
      (subscriber) => this.#send(sent).subscribe(subscriber),
      this.#isValidated ? () => withContractErrorsOf(iterate()) : iterate,
    );
  }

  /** @throws FreelanceError `BAD_OPTIONS` */
  event(data: unknown, options?: FreelanceCallOptions): ContractCall<unknown> {
    const sent = this.#sent(data, options);
    // Keeps how it went for those who ask later, and drops an error for which nobody asks, as Nest's `emit` does.
    const outcome = new AsyncSubject<unknown>();
    this.#proxy.emit<unknown>(this.#pattern, sent).subscribe(outcome);
    const told = inContextOfSubscriber(outcome);
    return new ContractCall(() => told);
  }

  #send(sent: unknown): Observable<unknown> {
    const call = this.#proxy.send<unknown>(this.#pattern, sent);
    return this.#isValidated ? call.pipe(withContractErrors) : call;
  }

  #iterate(sent: unknown): AsyncGenerator<unknown, void, undefined> {
    const proxy = this.#proxy;
    if (proxy instanceof FreelanceClientProxy) return proxy.iterate(this.#pattern, sent);
    const record = new PacedRecord(sent, NO_OPTIONS);
    return new PacedValues(record, () => proxy.send<unknown>(this.#pattern, sent));
  }

  /** What Nest's client gets as data. */
  #sent(data: unknown, options: FreelanceCallOptions | undefined): unknown {
    // Nest refuses to send nothing at all, and its documentation sends this. Where a schema says that there is something, let
    // Nest refuse.
    const sent = data === undefined && !this.#hasPayloadSchema ? {} : data;
    if (options === undefined) return sent;
    checkCallOptions(options, this.#name);
    if (!(this.#proxy instanceof FreelanceClientProxy)) {
      throw badOptions(
        `${this.#name}: options need a FreelanceClientProxy, but the client is ${shown(this.#proxy)}. Leave them out`,
      );
    }
    if (data instanceof FreelanceRecord || data instanceof FreelanceRecordBuilder) {
      throw badOptions(
        `${this.#name}: the data is a ${data instanceof FreelanceRecord ? 'FreelanceRecord' : 'FreelanceRecordBuilder'}, ` +
          'which has options of its own. Pass its data, and all options beside it',
      );
    }
    // Nest refuses missing data, which a record would hide.
    return sent === undefined || sent === null ? sent : new FreelanceRecord(sent, { ...options });
  }
}
