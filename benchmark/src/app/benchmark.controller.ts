import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { Order } from './order.js';

/** What every subject serves. It does nothing, so that what is measured is the way there and back. */
@Controller()
export class BenchmarkController {
  @MessagePattern('order')
  order(@Payload() order: Order) {
    return order;
  }
}
