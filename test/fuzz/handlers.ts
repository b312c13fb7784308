import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { setTimeout } from 'node:timers/promises';
import { from } from 'rxjs';

/** The handlers of the server under attack, one of each kind. */
@Controller()
export class FuzzedController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }

  @EventPattern('heard')
  heard(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('values')
  values() {
    return from([1, 2, 3]);
  }

  @MessagePattern('on demand')
  async *onDemand() {
    for (let n = 0; n < 100; n++) yield await Promise.resolve(n);
  }

  @MessagePattern('slowly')
  async slowly(@Payload() value: unknown) {
    await setTimeout(5);
    return value;
  }

  @MessagePattern('fails')
  fails(@Payload() value: unknown) {
    throw new RpcException(value as object);
  }

  @MessagePattern('REQUEST')
  raw(@Payload() text: string) {
    return text.length;
  }
}
