import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { FreelanceContext } from 'nestjs-freelance';
import { MathService } from './math.service.js';

@Controller()
export class MathController {
  constructor(private readonly math: MathService) {}

  @MessagePattern('sum')
  sum(@Payload() numbers: number[], @Ctx() context: FreelanceContext): number {
    if (numbers.length === 0) throw new RpcException(`${context.getPattern()} of nothing`);
    return this.math.sum(numbers);
  }
}
