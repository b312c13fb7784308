import { createRequire } from 'node:module';
import type { INestMicroservice } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import * as imported from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { AppModule } from './../src/app.module.js';

// What CommonJS modules of the same application get, such as a dependency of its own: another copy.
const required: typeof imported = createRequire(import.meta.url)('nestjs-freelance');

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
});
