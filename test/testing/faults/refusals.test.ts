import { expect, test } from 'vitest';
import type { OutgoingClientMessage } from '../../../lib/protocol/messages.js';
import { decodeClientPack } from '../../../lib/protocol/pack.js';
import { PackWriter } from '../../../lib/protocol/pack-writer.js';
import {
  decodeClientMessage,
  decodeServerMessage,
  encodeClientMessage,
} from '../../../lib/protocol/plain-frames.js';
import { packed } from '../../../lib/sockets/memory/inbox.js';
import type { SocketFrames } from '../../../lib/sockets/socket-port.js';
import { Refusals } from '../../../lib/testing/faults/refusals.js';

const headers = { pattern: 'p', type: 'json', attempt: 1 } as const;
const request = { type: 'request', dialect: 'negotiated', id: 'r', body: '1', headers } as const;
const event = { type: 'event', id: 'e', body: '1', headers } as const;
const cancel = { type: 'cancel', id: 'x' } as const;
const credit = { type: 'credit', id: 'x', values: 3 } as const;

const framesOf = (message: OutgoingClientMessage) => packed(encodeClientMessage(message));

function packOf(...messages: Parameters<PackWriter['add']>[0][]): SocketFrames {
  const writer = new PackWriter();
  for (const message of messages) writer.add(message);
  return packed(writer.take());
}

function sifted(refusals: Refusals, frames: SocketFrames) {
  const answers: unknown[] = [];
  const left = refusals.sift(frames, (answer) => answers.push(decodeServerMessage(packed(answer))));
  return { answers, left };
}

function refusing(): Refusals {
  const refusals = new Refusals('server-1');
  refusals.refuse('busy');
  return refusals;
}

test('calls and events are answered with the reason', () => {
  for (const message of [request, event]) {
    const { answers, left } = sifted(refusing(), framesOf(message));
    const body = Buffer.from('{"reason":"busy","message":"The test has server-1 refuse calls"}');
    const { id } = message;
    expect(answers).toMatchObject([{ type: 'reply', id, body, headers: { status: 'refused' } }]);
    expect(left).toEqual([]);
  }
});

test('of a PACK, what belongs to running calls is left for the server', () => {
  const { answers, left } = sifted(refusing(), packOf(request, cancel, event, credit));
  expect(answers).toMatchObject([{ id: 'r' }, { id: 'e' }]);
  expect(left.map((frames) => decodeClientMessage(frames))).toEqual([cancel, credit]);
});

test('what holds no calls is left as it is', () => {
  for (const frames of [framesOf(cancel), packOf(cancel, credit)]) {
    expect(sifted(refusing(), frames)).toEqual({ answers: [], left: [frames] });
  }
});

test('everything is left for a server that accepts', () => {
  const refusals = refusing();
  refusals.accept();
  const frames = packOf(request, event);
  expect(sifted(refusals, frames)).toEqual({ answers: [], left: [frames] });
  expect(decodeClientPack(frames)).toHaveLength(2);
});
