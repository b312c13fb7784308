import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { describe, expect, test } from 'vitest';
import { Dealer, Router } from 'zeromq';
import { files, seals, type Vector, vectors } from '../protocol/vector-files.js';
import { Child } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import { serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';
import { keys } from '../support/security.js';
import { dropsOf } from './vector-drops.js';
import { describeWithPython, OLDER_DIALECTS, python, startClient, startServer } from './python.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const programsOf = (page: string) =>
  [...read(page).matchAll(/```python\n(.*?)```/gs)].map(([, program = '']) => program);

const [trackedServer, trackedClient, withCurve, guideServer, guideClient] =
  programsOf('PROTOCOL.md');

function run(program: string | undefined, endpoint: string, ...args: string[]): Child {
  const local = program?.replace('tcp://127.0.0.1:5555', endpoint);
  return new Child(python, ['-c', local ?? '', ...args]);
}

function vectorNamed(name: string | undefined): Vector {
  const found = vectors.find((vector) => vector.name === name);
  if (!found) throw new Error(`there is no vector ${name}`);
  return found;
}

const hexOf = (frames: readonly Buffer[]) => frames.map((frame) => frame.toString('hex')).join(' ');

/** Whatever a server of a dialect is asked in the vectors, and has an answer there. */
const asked = (dialect: string) =>
  vectors.filter((vector) => vector.dialect === dialect && vector.answer !== undefined);

/** Questions about the server itself have an answer of their own at each. */
const isAboutServer = ({ file }: Vector) => file === 'introspection.json' || file === 'hello.json';

async function answerTo(dealer: Dealer, frames: readonly Buffer[]): Promise<Buffer[]> {
  await dealer.send([...frames]);
  return dealer.receive();
}

function dealerOf(endpoint: string): Dealer {
  const dealer = new Dealer({ linger: 0 });
  dealer.connect(endpoint);
  return dealer;
}

/** Hears messages that are vectors, and answers each with the vector of its name. @returns the names of what it heard */
async function converse(router: Router, answers: Readonly<Record<string, string>>) {
  const heard: string[] = [];
  while (heard.length < Object.keys(answers).length) {
    const [peer, ...frames] = await router.receive();
    const vector = vectors.find(
      ({ name, frames: known }) => name in answers && hexOf(known) === hexOf(frames),
    );
    if (!peer || !vector) throw new Error(`this is no vector: ${frames.join(' | ')}`);
    // A client of the guide sends its first PING until it hears a PONG.
    if (!heard.includes(vector.name)) heard.push(vector.name);
    await router.send([peer, ...vectorNamed(answers[vector.name]).frames]);
  }
  return heard;
}

describeWithPython('the vectors and Python', () => {
  test('the loader in their README reads them as our tests do', async () => {
    const [loader = ''] = programsOf('protocol/README.md');
    expect(loader.split('\n').filter((line) => /\S/.test(line)).length).toBeLessThan(15);
    const program = `${loader}
import hashlib, sys
for file in sys.argv[1:]:
    print(json.dumps([[vector["name"], [hashlib.sha256(frame).hexdigest() for frame in frames]]
        for vector, frames in load(file) if frames]))`;
    const paths = files.map((file) =>
      fileURLToPath(new URL(`../../protocol/${file}`, import.meta.url)),
    );
    await using child = new Child(python, ['-c', program, ...paths]);
    for (const file of files) {
      const ours = vectors.filter((vector) => vector.file === file);
      expect(await child.nextLine()).toEqual(
        ours.map(({ name, frames }) => [
          name,
          frames.map((frame) => createHash('sha256').update(frame).digest('hex')),
        ]),
      );
    }
  });

  test.each([
    ['tracked', trackedServer],
    ['guide', guideServer],
  ])('the server of PROTOCOL.md answers those of the %s dialect', async (dialect, program) => {
    const endpoint = await freeEndpoint();
    await using server = run(program, endpoint);
    const dealer = dealerOf(endpoint);
    for (const vector of asked(dialect).filter((one) => !isAboutServer(one)))
      expect(hexOf(await answerTo(dealer, vector.frames))).toBe(
        hexOf(vectorNamed(vector.answer).frames),
      );
    dealer.close();
    expect(server.errors).toBe('');
  });

  test('its tracked server answers the PING of the negotiated dialect in its own', async () => {
    const endpoint = await freeEndpoint();
    await using server = run(trackedServer, endpoint);
    const dealer = dealerOf(endpoint);
    const pong = await answerTo(dealer, vectorNamed('a PING with a hello').frames);
    expect(hexOf(pong)).toBe(hexOf(vectorNamed('a tracked PONG').frames));
    dealer.close();
    expect(server.errors).toBe('');
  });

  test.each(OLDER_DIALECTS)('another server of the %s dialect answers them', async (dialect) => {
    await using server = await startServer(dialect, 'server-1');
    const dealer = dealerOf(server.endpoint);
    const questions = asked(dialect).filter((one) => !isAboutServer(one));
    expect(questions.length).toBeGreaterThan(2);
    for (const vector of questions)
      expect(hexOf(await answerTo(dealer, vector.frames))).toBe(
        hexOf(vectorNamed(vector.answer).frames),
      );
    dealer.close();
  });

  test('the client of PROTOCOL.md sends vectors, and understands the answers', async () => {
    const router = new Router({ linger: 0 });
    await router.bind('tcp://127.0.0.1:*');
    await using client = run(trackedClient, router.lastEndpoint ?? '');
    await converse(router, {
      'a tracked PING': 'a tracked PONG',
      'a tracked REQUEST as Python writes its JSON': 'a tracked REPLY',
    });
    expect(await client.nextLine()).toBe(3);
    expect(await client.ended()).toBe(0);
    router.close();
  });

  test('so does its client of the guide dialect', async () => {
    const endpoint = await freeEndpoint();
    const router = new Router({ linger: 0, routingId: endpoint });
    await router.bind(endpoint);
    await using client = run(guideClient, endpoint, endpoint);
    await converse(router, {
      'a PING of the guide': 'a PONG of the guide',
      'a request of the guide as Python writes its JSON': 'a reply of the guide',
    });
    expect(await client.nextLine()).toBe(3);
    expect(await client.ended()).toBe(0);
    router.close();
  });

  test.each([
    ['the REPLY to the client with CURVE in Python', 3],
    ['DENIED', 'DENIED'],
  ])('so does its client with CURVE: %s', async (answer, printed) => {
    const { publicKey, secretKey } = keys.server;
    const router = new Router({ linger: 0, curveServer: true, curveSecretKey: secretKey });
    await router.bind('tcp://127.0.0.1:*');
    const { alice } = keys;
    const args = [alice.publicKey, alice.secretKey, publicKey];
    await using client = run(withCurve, router.lastEndpoint ?? '', ...args);
    await converse(router, { 'the REQUEST of the client with CURVE in Python': answer });
    expect(await client.nextLine()).toBe(printed);
    expect(await client.ended()).toBe(0);
    router.close();
  });

  test('its seals are those of the vectors', async () => {
    const [functions = ''] = (withCurve ?? '').split(/^public_key, secret_key/m);
    const program = `${functions}
for given in json.loads(sys.argv[1]):
    os.urandom = lambda length: bytes.fromhex(given["nonce"])
    made = [given[name].encode() for name in ("publicKey", "secretKey", "serverKey")]
    print(json.dumps(seal(*made).decode()))`;
    const withKeys = seals.filter(({ seal }) => seal.mechanism === 'curve');
    const given = JSON.stringify(withKeys.map(({ seal }) => seal));
    await using child = new Child(python, ['-c', program, given]);
    for (const { means } of withKeys) expect(await child.nextLine()).toBe(means.routingId);
    expect(await child.ended()).toBe(0);
  });

  test('a client of the basic dialect sends vectors, and hears every reply', async () => {
    const router = new Router({ linger: 0 });
    await router.bind('tcp://127.0.0.1:*');
    await using client = await startClient('basic', [router.lastEndpoint ?? '']);
    const replies = vectors.filter(
      ({ file, frames, expected }) =>
        file === 'basic.json' && String(frames[1]) === 'REPLY' && 'command' in expected,
    );
    expect(replies.length).toBeGreaterThan(5);
    for (const { name, frames } of replies) {
      client.child.tell({ pattern: 'sum', data: [1, 2] });
      await converse(router, {
        'a basic PING': 'a basic PONG',
        'a basic REQUEST as Python writes its JSON': name,
      });
      const { reply } = (await client.child.nextLine()) as { reply: string };
      const isText = !reply.includes('\\x');
      expect(isText ? reply : '').toBe(isText ? String(frames[2]) : '');
    }
    router.close();
  });
});

@Controller()
class SumController {
  @MessagePattern('sum')
  sum(@Payload() numbers: number[]) {
    return numbers.reduce((total, number) => total + number, 0);
  }

  @EventPattern('sold')
  sold(@Payload() _sold: unknown) {}
}

describe.each(['node', 'libzmq'] as const)('a Nest server with the engine %s', (engine) => {
  const toServer = vectors.filter(({ direction }) => direction === 'to-server');

  test.each(['guide', 'others'])(
    'drops and counts what is malformed of the vectors (%s), and goes on',
    async (which) => {
      await using served = await serve([SumController], {
        engine,
        ...(which === 'guide' && { guideIdentity: 'guide' }),
      });
      const heard = toServer.filter(({ dialect }) => (dialect === 'guide') === (which === 'guide'));
      const [endpoint = ''] = served.endpoints;
      // Each over a connection of its own: an id that comes twice is a repetition, which is not read again.
      const dealers = await Promise.all(
        heard.map(async ({ frames }) => {
          const dealer = dealerOf(endpoint);
          await dealer.send([...frames]);
          return dealer;
        }),
      );
      await eventually(() => {
        expect(served.strategy.stats().dropped).toEqual(dropsOf(heard));
      });
      const ping = which === 'guide' ? 'a PING of the guide' : 'a basic PING';
      const after = dealerOf(endpoint);
      expect((await answerTo(after, vectorNamed(ping).frames)).map(String)).toContain('PONG');
      after.close();
      for (const dealer of dealers) dealer.close();
    },
  );

  const exact = toServer.filter(
    (vector) =>
      vector.answer !== undefined && !isAboutServer(vector) && vector.file !== 'pack.json',
  );

  test('answers as the vectors say', async () => {
    await using served = await serve([SumController], {
      engine,
      serverId: 'server-1',
      guideIdentity: 'guide',
    });
    const dealer = dealerOf(served.endpoints[0] ?? '');
    expect(exact.length).toBeGreaterThan(15);
    for (const vector of exact)
      expect(hexOf(await answerTo(dealer, vector.frames))).toBe(
        hexOf(vectorNamed(vector.answer).frames),
      );
    dealer.close();
  });
});
