import { createRequire } from 'node:module';
import type { INestMicroservice } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import * as imported from 'nestjs-freelance';
import * as importedContracts from 'nestjs-freelance/contract';
import { firstValueFrom } from 'rxjs';
import { AppModule } from './../src/app.module.js';
import { statistics } from './../src/statistics.contract.js';

// What CommonJS modules of the same application get, such as a dependency of its own: another copy.
const require = createRequire(import.meta.url);
const required: typeof imported = require('nestjs-freelance');
const requiredContracts: typeof importedContracts = require('nestjs-freelance/contract');

describe('an application that has both builds (e2e)', () => {
  let app: INestMicroservice;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = module.createNestMicroservice({
      strategy: new required.FreelanceTransportServer({ bind: 'inproc://copies' }),
    });
    await app.listen();
  });

  afterAll(() => app.close());

  it('has two copies', () => {
    expect(required.FreelanceRecord).not.toBe(imported.FreelanceRecord);
  });

  it.each([
    ['imported', imported, required],
    ['required', required, imported],
  ])('sends records of the other copy by a client that was %s', async (_how, mine, theirs) => {
    const client = new mine.FreelanceClientProxy({ endpoints: ['inproc://copies'] });
    const record = new theirs.FreelanceRecordBuilder([1, 2, 3]).setTimeout(5000).build();
    expect(record).toBeInstanceOf(mine.FreelanceRecord);
    expect(await firstValueFrom(client.send('sum', record))).toBe(6);
    client.close();
    expect(new mine.FreelanceError('CLOSED', 'closed')).toBeInstanceOf(theirs.FreelanceError);
  });

  it('calls a contract of the other copy, and knows its errors', async () => {
    const client = new imported.FreelanceClientProxy({ endpoints: ['inproc://copies'] });
    const { mean, round } = requiredContracts.contractClient(statistics, client);
    expect(await mean([1, 2, 6])).toBe(3);
    const error: unknown = await round({ value: 1, digits: -1 }).catch((thrown: unknown) => thrown);
    expect(requiredContracts.ContractError).not.toBe(importedContracts.ContractError);
    expect(error).toBeInstanceOf(requiredContracts.ContractError);
    expect(error).toBeInstanceOf(importedContracts.ContractError);
    client.close();
  });
});
