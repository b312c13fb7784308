import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { decodeAnyClientMessage } from '../../lib/protocol/guide-frames.js';
import { isPack } from '../../lib/protocol/pack.js';
import { nameOf } from '../../lib/protocol/pattern-name.js';
import { decodeClientMessage } from '../../lib/protocol/plain-frames.js';
import { sharedSecret } from '../../lib/security/curve-keys.js';
import { isGenuine, readSeal, seal, secretOf } from '../../lib/security/seal.js';
import { decoded } from './vector-decoding.js';
import { encoded } from './vector-encoding.js';
import { files, patternNames, readFile, seals, vectors } from './vector-files.js';

const titled = vectors.map((vector) => [`${vector.file}: ${vector.name}`, vector] as const);

describe('the vectors of the folder protocol', () => {
  const validate = new Ajv2020({ allErrors: true, strictTypes: false }).compile(
    readFile('vectors.schema.json') as object,
  );

  test.each(files)('%s has the format of vectors.schema.json', (file) => {
    validate(readFile(file));
    expect(validate.errors ?? []).toEqual([]);
  });

  test.each([
    ['a basic REQUEST', { id: '1' }],
    ['a basic REQUEST', { pattern: undefined }],
    ['a basic REQUEST', { status: 'last' }],
    ['a basic PONG', { serverId: undefined }],
    ['a tracked PING', { id: undefined }],
    [
      'a tracked PING',
      { hello: { protocol: 1, id: '', capabilities: [], state: 'ready', load: 0 } },
    ],
    ['a tracked REQUEST', { attempt: 1 }],
    ['a reply of the guide', { status: 'next' }],
    ['a REQUEST', { attempt: undefined }],
    ['a REQUEST', { command: 'REPLY' }],
    ['a REPLY that is the last', { body: undefined }],
    ['a REPLY that is the last', { reason: 'busy' }],
    ['a PACK of one CREDIT', { messages: [{ command: 'CREDIT', id: '1' }] }],
    ['a PACK of one CREDIT', { messages: [{ command: 'ACK', id: '1' }] }],
  ])('the format is strict: not %s with %j', (name, members) => {
    const given = files
      .flatMap((file) => (readFile(file) as { vectors: { name: string; means: object }[] }).vectors)
      .find((vector) => vector.name === name);
    const isValid = (means: object) =>
      validate({
        $schema: './vectors.schema.json',
        about: '',
        vectors: [JSON.parse(JSON.stringify({ ...given, means }))],
      });
    expect(isValid({ ...given?.means })).toBe(true);
    expect(isValid({ ...given?.means, ...members })).toBe(false);
  });

  test('no two have the same name, or the same frames in one direction and dialect', () => {
    const names = [...vectors, ...patternNames, ...seals].map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    const messages = vectors.map(({ direction, dialect, frames }) =>
      [direction, dialect, ...frames.map((frame) => frame.toString('hex'))].join(' '),
    );
    const twice = vectors.filter((_, at) => messages.indexOf(messages[at] ?? '') !== at);
    expect(twice.map(({ name }) => name)).toEqual([]);
  });

  test('an answer is a vector of the other direction', () => {
    const directions = new Map(vectors.map(({ name, direction }) => [name, direction]));
    const asked = vectors.filter(({ answer }) => answer !== undefined);
    const unanswered = asked.filter(
      ({ direction, answer = '' }) =>
        direction !== 'to-server' || directions.get(answer) !== 'to-client',
    );
    expect(unanswered.map(({ name }) => name)).toEqual([]);
  });

  test.each(titled)('%s: is decoded to what it means', (_title, vector) => {
    const { direction, dialect, frames, expected } = vector;
    const isMalformedPack = isPack(frames) && 'malformed' in expected;
    const means = isMalformedPack ? { command: 'PACK', messages: [expected] } : expected;
    const receivers = dialect === 'any' ? (['basic', 'guide'] as const) : [dialect];
    for (const one of receivers) expect(decoded(direction, one, frames)).toEqual(means);
  });

  const meant = titled.filter(([, { expected }]) => 'command' in expected);

  test.each(meant.filter(([, { isCanonical }]) => isCanonical))(
    '%s: is what we send for it',
    (_title, { direction, dialect, frames, expected }) => {
      expect(encoded(direction, dialect, expected)).toEqual(frames);
    },
  );

  const others = meant.filter(([, { isCanonical }]) => !isCanonical);

  test.each(others)(
    '%s: is not called canonical, because we do not send it',
    (_title, { direction, dialect, frames, expected }) => {
      expect(encoded(direction, dialect, expected)).not.toEqual(frames);
    },
  );

  test.each(
    others
      .map(([title, vector]) => {
        const { direction, dialect, expected } = vector;
        return [title, vector, encoded(direction, dialect, expected)] as const;
      })
      .filter(([, , frames]) => frames !== undefined),
  )(
    '%s: what we send instead means the same',
    (_title, { direction, dialect, expected }, frames) => {
      expect(decoded(direction, dialect, frames ?? [])).toEqual(expected);
    },
  );

  test.each(
    titled.filter(
      ([, { direction, dialect, frames }]) =>
        direction === 'to-server' && dialect !== 'guide' && frames[0]?.length === 0,
    ),
  )('%s: means the same to a server that also serves the guide dialect', (_title, { frames }) => {
    expect(decodeAnyClientMessage(frames)).toEqual(decodeClientMessage(frames));
  });
});

describe('the names of patterns', () => {
  test.each(patternNames)('$name', ({ pattern, means }) => {
    expect(nameOf(pattern)).toBe(means.patternName);
    expect(nameOf(means.patternName)).toBe(means.patternName);
  });
});

describe('the seals', () => {
  test.each(seals)('$name', ({ seal: given, means: { routingId } }) => {
    const name = given.mechanism === 'curve' ? given.publicKey : given.username;
    const secret =
      given.mechanism === 'curve'
        ? sharedSecret(given.secretKey, given.serverKey)
        : secretOf(given.password);
    if (!secret) throw new Error('these are no keys');
    expect(seal(given.mechanism, name, Buffer.from(given.nonce, 'hex'), secret)).toBe(routingId);
    const claim = readSeal(Buffer.from(routingId));
    expect(claim).toMatchObject({ mechanism: given.mechanism, name });
    expect(claim && isGenuine(claim, secret)).toBe(true);
  });
});
