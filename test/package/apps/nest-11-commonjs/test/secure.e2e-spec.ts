import type { INestMicroservice } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  FreelanceClientProxy,
  FreelanceTransportServer,
  generateCurveKeyPair,
} from 'nestjs-freelance';
import { AppModule } from './../src/app.module';
import { CalculatorService } from './../src/calculator.service';

/** CURVE loads libsodium when it is first used, in a context in which Jest cannot `import()`. */
describe('CalculatorService and MathController with CURVE (e2e)', () => {
  const ours = generateCurveKeyPair();
  const theirs = generateCurveKeyPair();
  const server = new FreelanceTransportServer({
    bind: 'tcp://127.0.0.1:*',
    security: { mechanism: 'curve', ...theirs, authorizedClients: [ours.publicKey] },
  });
  let client: FreelanceClientProxy;
  let app: INestMicroservice;

  beforeAll(async () => {
    const serving = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = serving.createNestMicroservice({ strategy: server });
    await app.listen();
    client = new FreelanceClientProxy({
      endpoints: server.endpoints,
      security: { mechanism: 'curve', ...ours, serverKey: theirs.publicKey },
    });
  });

  afterAll(async () => {
    client.close();
    await app.close();
  });

  it('sums', async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider('MATH')
      .useValue(client)
      .compile();
    expect(await module.get(CalculatorService).sum([1, 2, 3])).toBe(6);
    await module.close();
  });
});
