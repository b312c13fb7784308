import { Test } from '@nestjs/testing';
import { FreelanceRecord } from 'nestjs-freelance';
import { of } from 'rxjs';
import { CalculatorService } from './calculator.service.js';

describe('CalculatorService', () => {
  it('sends the numbers, with a deadline', async () => {
    const sent: unknown[] = [];
    const math = {
      send: (...call: unknown[]) => {
        sent.push(...call);
        return of(6);
      },
    };
    const module = await Test.createTestingModule({
      providers: [CalculatorService, { provide: 'MATH', useValue: math }],
    }).compile();

    expect(await module.get(CalculatorService).sum([1, 2, 3])).toBe(6);
    expect(sent).toEqual(['sum', new FreelanceRecord([1, 2, 3], { timeout: 5000 })]);
  });
});
