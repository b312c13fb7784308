import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { map, range } from 'rxjs';
import type { Document } from './document.js';
import { type Order, orderOf } from './order.js';

export interface Count {
  readonly count: number;
}

/** The handlers that every subject serves. They do almost nothing: the way there and back is what is measured. */
@Controller()
export class BenchmarkController {
  #ticks = 0;

  @MessagePattern('order')
  order(@Payload() order: Order) {
    return order;
  }

  @MessagePattern('document')
  document(@Payload() document: Document) {
    return document;
  }

  /** A `Buffer`, or what the transport has made of one. */
  @MessagePattern('bytes')
  bytes(@Payload() bytes: unknown) {
    return bytes;
  }

  /** How an application sends bytes over a JSON transport if it cares about the cost. */
  @MessagePattern('base64')
  base64(@Payload() text: string) {
    return Buffer.from(text, 'base64').toString('base64');
  }

  @MessagePattern('values')
  values(@Payload() { count }: Count) {
    return range(0, count).pipe(map(orderOf));
  }

  @MessagePattern('iterated')
  async *iterated(@Payload() { count }: Count) {
    for (let id = 0; id < count; id++) yield orderOf(id);
  }

  @EventPattern('tick')
  tick(@Payload() _order: Order) {
    this.#ticks++;
  }

  /** How many events have reached their handler. */
  @MessagePattern('ticks')
  ticks() {
    return this.#ticks;
  }
}
