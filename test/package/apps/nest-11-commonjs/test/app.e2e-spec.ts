import type { INestMicroservice } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { AppModule } from './../src/app.module';
import { CalculatorService } from './../src/calculator.service';
import { mathEndpoint } from './../src/math-endpoint';

describe('CalculatorService and MathController (e2e)', () => {
  let app: INestMicroservice;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = module.createNestMicroservice({
      strategy: new FreelanceTransportServer({ bind: mathEndpoint }),
    });
    await app.listen();
  });

  afterAll(() => app.close());

  it('sums', async () => {
    expect(await app.get(CalculatorService).sum([1, 2, 3])).toBe(6);
  });

  it("passes on the controller's errors", async () => {
    await expect(app.get(CalculatorService).sum([])).rejects.toEqual({
      status: 'error',
      message: 'sum of nothing',
    });
  });
});
