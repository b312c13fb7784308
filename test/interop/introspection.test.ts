import { readFileSync } from 'node:fs';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { expect, test } from 'vitest';
import { Child } from '../support/child.js';
import { serve } from '../support/nest.js';
import { describeWithPython, python } from './python.js';

const page = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');

/** The frames of the questions in PROTOCOL.md, by dialect: one line each, frames apart by two spaces, "" an empty one. */
const [, block = ''] = /^## Introspection\n.*?^```text\n(.*?)^```/ms.exec(page) ?? [];
const questions = block
  .split('\n')
  .filter((line) => /^\w/.test(line))
  .map((line) => line.split(/ {2,}/))
  .map(([dialect = '', ...frames]) => ({
    dialect,
    frames: frames.map((frame) => (frame === '""' ? '' : frame)),
  }));

/** Sends each message that it gets as an argument, and prints the frames of the answer. */
const PROGRAM = `
import json, sys, zmq

dealer = zmq.Context().socket(zmq.DEALER)
dealer.linger = 0
dealer.connect(sys.argv[1])
for message in map(json.loads, sys.argv[2:]):
    dealer.send_multipart([frame.encode() for frame in message])
    if not dealer.poll(60000):
        sys.exit("no answer")
    print(json.dumps([frame.decode() for frame in dealer.recv_multipart()]), flush=True)
`;

@Controller()
class MathController {
  @MessagePattern('sum', { description: 'Adds numbers' })
  sum() {}
}

describeWithPython('introspection, from Python', () => {
  test('the page has a question in each dialect', () => {
    expect(questions.map(({ dialect }) => dialect)).toEqual([
      'basic',
      'tracked',
      'guide',
      'negotiated',
    ]);
  });

  const sum = { pattern: 'sum', kind: 'call', atMostOnce: false, description: 'Adds numbers' };

  test.each([
    ['$freelance.info', { id: 'nest', patterns: [sum] }],
    ['$freelance.stats', { id: 'nest', stats: { calls: 0, patterns: {} } }],
  ])('%s is answered in the dialect of the question', async (pattern, told) => {
    await using served = await serve([MathController], { serverId: 'nest', guideIdentity: 'nest' });
    const messages = questions.map(({ frames }) =>
      JSON.stringify(frames.map((frame) => frame.replace('$freelance.info', pattern))),
    );
    const args = [served.endpoints[0] ?? '', ...messages];
    await using client = new Child(python, ['-B', '-c', PROGRAM, ...args]);
    const nextAnswer = async () => (await client.nextLine()) as string[];
    const [basic, tracked] = [await nextAnswer(), await nextAnswer()];
    const [guide, negotiated] = [await nextAnswer(), await nextAnswer()];
    expect(basic).toEqual(['', 'REPLY', expect.any(String)]);
    expect(tracked).toEqual(['', 'REPLY', '1', expect.any(String)]);
    expect(guide).toEqual(['1', expect.any(String)]);
    expect(negotiated).toEqual(['', 'REPLY', '1', expect.any(String), expect.any(String)]);
    expect(JSON.parse(negotiated[4] ?? '')).toMatchObject({ status: 'last' });
    for (const text of [basic[2], tracked[3], guide[1], negotiated[3]])
      expect(JSON.parse(text ?? '')).toMatchObject(told);
    expect(await client.ended()).toBe(0);
  });

  test('a server that offers none answers as for any pattern without a handler', async () => {
    await using served = await serve([MathController], {
      introspection: false,
      guideIdentity: 'nest',
    });
    const messages = questions.map(({ frames }) => JSON.stringify(frames));
    const args = [served.endpoints[0] ?? '', ...messages];
    await using client = new Child(python, ['-B', '-c', PROGRAM, ...args]);
    for (const _ of questions) {
      expect(JSON.stringify(await client.nextLine())).toContain('no matching message handler');
    }
  });
});
