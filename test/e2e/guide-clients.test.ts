import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import {
  FreelanceContext,
  type FreelanceEngine,
  type FreelanceServerOptions,
} from 'nestjs-freelance';
import { firstValueFrom, NEVER } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { Router } from 'zeromq';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { freeEndpoint, freePort } from '../support/ports.js';
import {
  curveOptions,
  curveServer,
  keys,
  plainSeal,
  RawClient,
  sealOf,
} from '../support/security.js';

@Controller()
class GuideController {
  @MessagePattern('sum')
  sum(@Payload() numbers: number[]) {
    return numbers.reduce((total, number) => total + number, 0);
  }

  @MessagePattern('who')
  who(@Ctx() ctx: FreelanceContext) {
    return ctx.getPeer()?.userId ?? 'nobody';
  }

  @MessagePattern('stay')
  stay() {
    return NEVER;
  }

  @MessagePattern('REQUEST')
  raw(@Payload() text: string | string[]) {
    return { heard: text };
  }
}

/** A client as RFC 10 has it: one ROUTER for all its servers, which it addresses by the string that it connects to. */
class GuideClient implements Disposable {
  readonly #router: Router;
  /** What it received, as one line each, with the server in front. */
  readonly heard: string[] = [];

  constructor(options: ConstructorParameters<typeof Router>[0] = {}) {
    // Mandatory, so that a send fails while the server is not known yet: the guide waits for 100 ms instead.
    this.#router = new Router({ linger: 0, mandatory: true, sendTimeout: 0, ...options });
    void this.#receive();
  }

  connect(endpoint: string): void {
    this.#router.connect(endpoint);
  }

  /** Resolves once the server has said who it is, so that it can be sent something. */
  send(endpoint: string, ...frames: string[]): Promise<void> {
    return eventually(() => this.sendNow(endpoint, ...frames));
  }

  sendNow(endpoint: string, ...frames: string[]): Promise<void> {
    return this.#router.send([endpoint, ...frames]);
  }

  async ask(endpoint: string, sequence: string, pattern: string, data: unknown = {}) {
    await this.send(endpoint, sequence, JSON.stringify({ pattern, data }));
  }

  [Symbol.dispose](): void {
    this.#router.close();
  }

  async #receive(): Promise<void> {
    try {
      for await (const frames of this.#router) this.heard.push(frames.join(' '));
    } catch {
      // The socket was closed.
    }
  }
}

const ENGINES: readonly FreelanceEngine[] = ['node', 'libzmq'];

async function serveGuide(options: Partial<FreelanceServerOptions> = {}) {
  const bind = await freeEndpoint();
  return serve([GuideController], { bind, guideIdentity: bind, ...options });
}

describe.each(ENGINES)('a client of the guide and servers with the engine %s', (engine) => {
  test('addresses each of two by its identity, and gets PONGs and answers', async () => {
    await using one = await serveGuide({ engine });
    await using two = await serveGuide({ engine });
    const [first = '', second = ''] = [...one.endpoints, ...two.endpoints];
    using client = new GuideClient();
    for (const endpoint of [first, second]) client.connect(endpoint);
    for (const endpoint of [first, second]) await client.send(endpoint, 'PING');
    await client.ask(first, '1', 'sum', [1, 2]);
    await client.ask(second, '2', 'sum', [3, 4]);
    await client.send(second, '3', 'random name');
    await client.send(second, '4', '', 'several', 'frames');
    await eventually(() =>
      expect(client.heard.toSorted()).toEqual(
        [
          `${first} 1 3`,
          `${first} PONG`,
          `${second} 2 7`,
          `${second} 3 {"heard":"random name"}`,
          `${second} 4 {"heard":["","several","frames"]}`,
          `${second} PONG`,
        ].toSorted(),
      ),
    );
    expect(one.strategy.stats()).toMatchObject({ accepted: 1, dropped: {} });
    expect(two.strategy.stats()).toMatchObject({ accepted: 3, dropped: {} });
  });

  test('is served under an identity that the server has not bound, beside clients of this library', async () => {
    const port = await freePort();
    const guideIdentity = `tcp://localhost:${port}`;
    await using served = await serveGuide({
      engine,
      bind: `tcp://127.0.0.1:${port}`,
      guideIdentity,
    });
    using guide = new GuideClient();
    guide.connect(guideIdentity);
    await guide.ask(guideIdentity, '7', 'sum', [1, 2]);
    for (const own of ENGINES) {
      using nest = connectTo(served.endpoints, { engine: own });
      expect(await firstValueFrom(nest.send('sum', [3, 4]))).toBe(7);
    }
    await eventually(() => expect(guide.heard).toEqual([`${guideIdentity} 7 3`]));
  });

  test('is not served without the option, and cannot even address the server', async () => {
    await using served = await serve([GuideController], { engine });
    const [endpoint = ''] = served.endpoints;
    using raw = new RawClient(endpoint);
    await raw.socket.send(['PING']);
    await raw.socket.send(['1', '{"pattern":"sum","data":[]}']);
    await eventually(() => expect(served.strategy.stats().dropped).toEqual({ 'no-delimiter': 2 }));
    using guide = new GuideClient();
    guide.connect(endpoint);
    // The handshake of a client that connects later is done.
    using nest = connectTo(served.endpoints);
    await nest.connect();
    await expect(guide.sendNow(endpoint, 'PING')).rejects.toMatchObject({ code: 'EHOSTUNREACH' });
    expect([...raw.heard, ...guide.heard]).toEqual([]);
  });

  test('is known by CURVE; with libzmq at the server, by its seal', async () => {
    const { alice } = keys;
    const security = curveServer([alice.publicKey]);
    await using served = await serveGuide({ engine, security });
    const [endpoint = ''] = served.endpoints;
    using client = new GuideClient({ ...curveOptions(alice), routingId: sealOf(alice) });
    client.connect(endpoint);
    await client.send(endpoint, 'PING');
    await client.ask(endpoint, '1', 'who');
    await eventually(() =>
      expect(client.heard).toEqual([`${endpoint} PONG`, `${endpoint} 1 ${alice.publicKey}`]),
    );
    served.strategy.revoke(alice.publicKey);
    await eventually(() => expect(client.heard.at(-1)).toBe(`${endpoint}  DENIED`));
  });

  test('is known by PLAIN; with libzmq at the server, by its seal', async () => {
    const security = { mechanism: 'plain', authorizedUsers: { alice: 'secret' } } as const;
    await using served = await serveGuide({ engine, security });
    const [endpoint = ''] = served.endpoints;
    using client = new GuideClient({
      plainUsername: 'alice',
      plainPassword: 'secret',
      routingId: plainSeal('alice', 'secret'),
    });
    client.connect(endpoint);
    await client.ask(endpoint, '1', 'who');
    await eventually(() => expect(client.heard).toEqual([`${endpoint} 1 alice`]));
  });
});

test('a client of the guide without a seal is denied by a secured server with libzmq', async () => {
  const security = curveServer([keys.alice.publicKey]);
  await using served = await serveGuide({ engine: 'libzmq', security });
  const [endpoint = ''] = served.endpoints;
  using client = new GuideClient(curveOptions(keys.alice));
  client.connect(endpoint);
  await client.ask(endpoint, '1', 'who');
  await eventually(() => expect(client.heard).toEqual([`${endpoint}  DENIED`]));
  expect(served.strategy.stats()).toMatchObject({ accepted: 0, dropped: { 'unknown-sender': 1 } });
});

test('a client of the guide has its calls stopped when it is gone', async () => {
  await using served = await serveGuide({ engine: 'node' });
  const [endpoint = ''] = served.endpoints;
  {
    using client = new GuideClient();
    client.connect(endpoint);
    await client.ask(endpoint, '1', 'stay');
    await eventually(() => expect(served.strategy.stats().running).toBe(1));
  }
  await eventually(() => expect(served.strategy.stats().running).toBe(0));
});
