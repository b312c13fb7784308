import { Test, type TestingModule } from '@nestjs/testing';
import { ContractError, ContractsModule, getContractToken } from 'nestjs-freelance/contract';
import { type StubServer, stubServer } from 'nestjs-freelance/testing';
import { ReportService, SumsService } from './report.service';
import { statistics, StatisticsClient } from './statistics.contract';

// The service is a stub: its callers are tested without it.
describe('ReportService and SumsService', () => {
  let stub: Awaited<ReturnType<typeof startStub>>;
  let module: TestingModule;

  const startStub = () =>
    stubServer(statistics, {
      mean: (numbers) => numbers.length,
      async *sums(numbers) {
        yield* numbers;
      },
    });

  beforeEach(async () => {
    stub = await startStub();
    module = await Test.createTestingModule({
      imports: [ContractsModule.register([{ contract: statistics, endpoints: stub.endpoints }])],
      providers: [ReportService, SumsService],
    }).compile();
  });

  afterEach(async () => {
    await module.close();
    await stub.close();
  });

  it('call what they should', async () => {
    stub.answer('round', ({ value }) => value);
    expect(await module.get(ReportService).mean([5, 6, 7], 2)).toBe('the mean is 3');
    expect(stub.calls).toMatchObject([
      { kind: 'call', pattern: 'statistics.mean', data: [5, 6, 7], attempt: 1 },
      { kind: 'call', pattern: 'statistics.round', data: { value: 3, digits: 2 }, attempt: 1 },
    ]);
  });

  it('get streams, and send events', async () => {
    stub.answer('forget', () => {});
    expect(await module.get(SumsService).all([1, 2])).toEqual([1, 2]);
    await module.get(SumsService).forget();
    expect(stub.calls).toMatchObject([{ kind: 'call' }, { kind: 'event', data: {} }]);
  });

  it('are told what is not stubbed, and what an answer throws', async () => {
    const report = module.get(ReportService);
    await expect(report.mean([1], 2)).rejects.toMatchObject({
      message: expect.stringContaining('no answer for statistics.round'),
    });
    stub.answer('mean', () => {
      throw new RangeError('too many');
    });
    await expect(report.mean([1], 2)).rejects.toEqual({ status: 'error', message: 'too many' });
  });

  it('get the issues of a schema', async () => {
    stub.answer('round', ({ value }) => value);
    const error: unknown = await module
      .get(ReportService)
      .mean([1], -1)
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ContractError);
    expect(error).toMatchObject({
      code: 'INVALID_PAYLOAD',
      contract: 'statistics',
      entry: 'round',
      issues: [{ path: ['digits'] }],
    });
  });

  it('can do without any server', async () => {
    const client = { mean: () => Promise.resolve(1.25), round: () => Promise.resolve(1.3) };
    const alone = await Test.createTestingModule({
      imports: [ContractsModule.register([{ contract: statistics, endpoints: stub.endpoints }])],
      providers: [ReportService],
    })
      .overrideProvider(getContractToken(statistics))
      .useValue(client)
      .compile();
    expect(await alone.get(ReportService).mean([], 1)).toBe('the mean is 1.3');
    await alone.close();
    expect(stub.calls).toEqual([]);
  });
});

describe('A stub under fake timers', () => {
  let stub: StubServer;

  beforeEach(async () => {
    jest.useFakeTimers();
    stub = await stubServer({ 'statistics.mean': (numbers: number[]) => numbers.length });
  });

  afterEach(async () => {
    await stub.close();
    jest.useRealTimers();
  });

  it('answers', async () => {
    const module = await Test.createTestingModule({
      imports: [ContractsModule.register([{ contract: statistics, endpoints: stub.endpoints }])],
    }).compile();
    const client = module.get<StatisticsClient>(getContractToken(statistics));
    expect(await client.mean([1, 2, 3])).toBe(3);
    await module.close();
  });
});
