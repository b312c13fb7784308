import { Controller } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import { BenchmarkController, type Count } from './benchmark.controller.js';
import type { Document } from './document.js';
import type { Order } from './order.js';

/** The same handlers, under the names in benchmark.proto. */
@Controller()
export class GrpcController {
  readonly #handlers = new BenchmarkController();

  @GrpcMethod('Benchmark', 'Order')
  order(@Payload() order: Order) {
    return this.#handlers.order(order);
  }

  @GrpcMethod('Benchmark', 'Document')
  document(@Payload() document: Document) {
    return this.#handlers.document(document);
  }

  @GrpcMethod('Benchmark', 'Bytes')
  bytes(@Payload() bytes: unknown) {
    return this.#handlers.bytes(bytes);
  }

  @GrpcMethod('Benchmark', 'Values')
  values(@Payload() count: Count) {
    return this.#handlers.values(count);
  }
}
