import type { INestMicroservice } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { AppModule } from './../src/app.module.js';
import { CalculatorService } from './../src/calculator.service.js';

// As docs/testing.md has it.
describe('CalculatorService and MathController within one process (e2e)', () => {
  const client = new FreelanceClientProxy({ endpoints: ['inproc://math'] });
  let app: INestMicroservice;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider('MATH')
      .useValue(client)
      .compile();
    app = module.createNestMicroservice({
      strategy: new FreelanceTransportServer({ bind: 'inproc://math' }),
    });
    await app.listen();
  });

  afterAll(async () => {
    client.close();
    await app.close();
  });

  it('sums', async () => {
    expect(await app.get(CalculatorService).sum([1, 2, 3])).toBe(6);
  });
});
