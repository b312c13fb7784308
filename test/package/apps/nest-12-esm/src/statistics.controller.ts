import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { FreelanceContext } from 'nestjs-freelance';
import { Implements } from 'nestjs-freelance/contract';
import { MathService } from './math.service.js';
import { statistics } from './statistics.contract.js';

@Controller()
@Implements(statistics)
export class StatisticsController {
  forgotten = 0;

  constructor(private readonly math: MathService) {}

  mean(numbers: number[]): number {
    return this.math.sum(numbers) / numbers.length;
  }

  async round(@Payload() { value, digits }: { value: number; digits: number }) {
    return Number(value.toFixed(digits));
  }

  async *sums(@Payload() numbers: number[], @Ctx() { signal }: FreelanceContext) {
    for (let count = 1; count <= numbers.length && !signal.aborted; count++) {
      yield this.math.sum(numbers.slice(0, count));
    }
  }

  forget(): void {
    this.forgotten++;
  }
}
