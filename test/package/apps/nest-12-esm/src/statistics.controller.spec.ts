import { FreelanceError } from 'nestjs-freelance';
import { contractClient } from 'nestjs-freelance/contract';
import { FreelanceTestbed, type FreelanceTestbedOptions } from 'nestjs-freelance/testing';
import { statistics } from './statistics.contract.js';
import { StatisticsController } from './statistics.controller.js';
import { StatisticsModule } from './statistics.module.js';

describe('StatisticsController', () => {
  let bed: FreelanceTestbed;

  const start = async (options: FreelanceTestbedOptions = {}) => {
    bed = await FreelanceTestbed.create({ servers: 2, module: StatisticsModule, ...options });
    return bed.contract(statistics);
  };

  afterEach(() => bed.close());

  const numbers = [1, 2, 3];

  it('serves its contract', async () => {
    const client = await start();
    expect(await client.mean(numbers)).toBe(2);
    expect(await client.round({ value: 1.25, digits: 1 })).toBe(1.3);
    const sums: number[] = [];
    for await (const sum of client.sums(numbers)) sums.push(sum);
    expect(sums).toEqual([1, 3, 6]);
    await client.forget();
    const forgotten = [1, 2].map((n) => bed.server(n).app.get(StatisticsController).forgotten);
    expect(forgotten.reduce((all, one) => all + one)).toBe(1);
    await expect(client.round({ value: 1, digits: 0.5 })).rejects.toMatchObject({
      code: 'INVALID_PAYLOAD',
    });
  });

  it('loses no call when a server dies in the middle of it', async () => {
    const client = await start();
    bed.server(1).freeze();
    const calls = [1, 2, 3, 4, 5, 6].map((value) => client.round({ value, digits: 0 }));
    const answers = Promise.all(calls);
    bed.server(1).kill();
    expect(await answers).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('takes no mean twice', async () => {
    const client = await start({ servers: 1 });
    bed.server(1).freeze();
    const failed = client.mean(numbers).catch((error: unknown) => error);
    await new Promise(setImmediate);
    bed.server(1).kill();
    const error = await failed;
    expect(error).toBeInstanceOf(FreelanceError);
    expect(error).toMatchObject({ code: 'ECONNRESET', mayHaveRun: 1 });
  });

  it('is called elsewhere when a server hangs, in virtual time', async () => {
    const client = await start({ time: 'virtual' });
    bed.server(1).freeze();
    const answers = Promise.all(
      [1, 2, 3, 4, 5, 6].map((value) => client.round({ value, digits: 0 })),
    );
    await bed.clock.advance(10_000);
    expect(await answers).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('serves clients of their own, and is back after a restart', async () => {
    const client = await start();
    bed.server(1).kill();
    bed.server(2).kill();
    await bed.server(2).restart();
    expect(await client.mean(numbers)).toBe(2);
    expect(await contractClient(statistics, bed.client).mean([4])).toBe(4);
  });
});
