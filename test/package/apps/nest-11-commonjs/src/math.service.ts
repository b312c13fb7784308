import { Injectable } from '@nestjs/common';

@Injectable()
export class MathService {
  sum(numbers: number[]): number {
    return numbers.reduce((total, number) => total + number, 0);
  }
}
