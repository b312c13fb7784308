import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';

const listening = (server: FreelanceTransportServer) =>
  new Promise<void>((resolve, reject) =>
    server.listen((error) => (error ? reject(error) : resolve())),
  );

// Jest runs its files in one process here, each with modules and globals of its own; fake-timers.spec.ts
// has sockets, too, so that one of the two comes second.
describe('A second file of tests', () => {
  const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  let client: FreelanceClientProxy;

  beforeAll(async () => {
    server.addHandler('echo', (text: string) => Promise.resolve(text));
    await listening(server);
    client = new FreelanceClientProxy({ endpoints: server.endpoints });
  });

  afterAll(async () => {
    client.close();
    await server.close();
  });

  it('calls', async () => {
    expect(await firstValueFrom(client.send('echo', 'second'))).toBe('second');
  });

  it("is told the codes of errors that are made by Node's modules and by zeromq.js, outside its globals", async () => {
    const [bind = ''] = server.endpoints;
    await expect(listening(new FreelanceTransportServer({ bind }))).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
