import { Inject, Injectable } from '@nestjs/common';
import { FreelanceClientProxy, FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';

@Injectable()
export class CalculatorService {
  constructor(@Inject('MATH') private readonly math: FreelanceClientProxy) {}

  sum(numbers: number[]): Promise<number> {
    const call = new FreelanceRecordBuilder(numbers).setTimeout(5000).build();
    return firstValueFrom(this.math.send<number>('sum', call));
  }
}
