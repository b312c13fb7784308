import type { FreelanceClientProxy } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';

// As with Jest's `fakeTimers: { enableGlobally: true }`: timers are fake before anything is loaded.
jest.useFakeTimers();
const { FreelanceClientProxy: Client, FreelanceRecordBuilder, FreelanceTransportServer } =
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  require('nestjs-freelance') as typeof import('nestjs-freelance');

describe("Jest's fake timers", () => {
  const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  let client: FreelanceClientProxy;

  const echo = (text: string) => firstValueFrom(client.send('echo', text));

  beforeAll(async () => {
    server.addHandler('echo', (text: string) => Promise.resolve(text));
    server.addHandler(
      'sleep',
      (ms: number) => new Promise((resolve) => setTimeout(() => resolve('slept'), ms)),
    );
    await new Promise<void>((resolve, reject) =>
      server.listen((error) => (error ? reject(error) : resolve())),
    );
    client = new Client({ endpoints: server.endpoints });
  });

  afterAll(async () => {
    client.close();
    await server.close();
  });

  it('a client that was loaded and made under them calls', async () => {
    expect(await echo('fake')).toBe('fake');
  });

  it('lives on after the real ones return, and when they are fake again', async () => {
    jest.useRealTimers();
    expect(await echo('real')).toBe('real');
    jest.useFakeTimers();
    const answers = Promise.all(['a', 'b', 'c'].map(echo));
    jest.advanceTimersByTime(60_000);
    expect(await answers).toEqual(['a', 'b', 'c']);
    jest.useRealTimers();
    expect(await echo('again')).toBe('again');
  });

  it('move what a handler waits for, and no deadline of a call', async () => {
    jest.useFakeTimers();
    const sleeper = firstValueFrom(client.send('sleep', 60_000));
    while (server.stats().running === 0) await echo('meanwhile');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(await sleeper).toBe('slept');
    const late = new FreelanceRecordBuilder(60_000).setTimeout(20).build();
    await expect(firstValueFrom(client.send('sleep', late))).rejects.toMatchObject({
      code: 'ETIMEDOUT',
    });
    jest.useRealTimers();
  });
});
