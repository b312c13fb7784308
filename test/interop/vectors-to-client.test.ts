import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { Router } from 'zeromq';
import { type Vector, vectors } from '../protocol/vector-files.js';
import { eventually } from '../support/eventually.js';
import { connectTo } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';
import { dropsOf } from './vector-drops.js';

/** A server of one client, which says what a test has it say. */
class Puppet implements Disposable {
  readonly #router: Router;
  readonly #clients = new Set<string>();
  #client: Buffer | undefined;
  /** Answers a request. */
  answer: (frames: readonly Buffer[]) => readonly (Buffer | string)[] = () => [];

  private constructor(router: Router) {
    this.#router = router;
  }

  static async listen(endpoint: string): Promise<Puppet> {
    const router = new Router({ linger: 0, routingId: endpoint });
    await router.bind(endpoint);
    const puppet = new Puppet(router);
    void puppet.#hear();
    return puppet;
  }

  /** How many there have been. */
  get connections(): number {
    return this.#clients.size;
  }

  async say(frames: readonly (Buffer | string)[]): Promise<void> {
    await this.#router.send([this.#client ?? '', ...frames]);
  }

  async #hear(): Promise<void> {
    for await (const [client, ...frames] of this.#router) {
      this.#client = client;
      this.#clients.add(client?.toString('hex') ?? '');
      const [first, command, ...args] = frames;
      if (String(first) === 'PING') await this.say(['PONG']);
      // Without capabilities, so that each request comes by itself.
      else if (String(command) === 'PING') await this.say(['', 'PONG', ...args.slice(0, 2), '{}']);
      else await this.say(this.answer(frames));
    }
  }

  [Symbol.dispose](): void {
    this.#router.close();
  }
}

const isMalformed = ({ expected }: Vector) =>
  'malformed' in expected || expected.messages?.some((one) => 'malformed' in one) === true;

const malformed = vectors.filter((one) => one.direction === 'to-client' && isMalformed(one));

/** Those that end a call, as far as they are a single message. */
const failing = malformed.filter(
  ({ expected }) => 'receiver' in expected && expected.receiver === 'fails-call',
);

describe.each(['node', 'libzmq'] as const)('a Nest client with the engine %s', (engine) => {
  test.each(['guide', 'others'])(
    'drops and counts what is malformed of the vectors (%s), and goes on over the same connection',
    async (which) => {
      const isGuide = which === 'guide';
      const endpoint = await freeEndpoint();
      using server = await Puppet.listen(endpoint);
      using client = connectTo([isGuide ? { endpoint, dialect: 'guide' } : endpoint], { engine });
      server.answer = (frames) =>
        isGuide ? [frames[0] ?? '', '3'] : ['', 'REPLY', frames[2] ?? '', '3', '{"status":"last"}'];
      expect(await firstValueFrom(client.send('sum', [1, 2]))).toBe(3);
      const heard = malformed.filter(
        (one) => (one.dialect === 'guide') === isGuide && !failing.includes(one),
      );
      for (const { frames } of heard) await server.say(frames);
      const expected = dropsOf(heard);
      await eventually(() => {
        expect(client.stats().dropped).toMatchObject(expected);
      });
      expect(await firstValueFrom(client.send('sum', [1, 2]))).toBe(3);
      expect(Object.keys(expected).length).toBeGreaterThan(1);
      expect(server.connections).toBe(1);
    },
  );

  test.each(failing.map((vector) => [vector.name, vector] as const))(
    'ends the call with an error: %s',
    async (_name, { frames }) => {
      const endpoint = await freeEndpoint();
      using server = await Puppet.listen(endpoint);
      using client = connectTo([endpoint], { engine });
      server.answer = ([, , id = '']) => [...frames.slice(0, 2), id, ...frames.slice(3)];
      await expect(firstValueFrom(client.send('sum', [1, 2]))).rejects.toMatchObject({
        code: 'PROTOCOL',
      });
    },
  );
});
