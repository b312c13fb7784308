import { describe, expect, test } from 'vitest';
import { contentOf, PacketCodec } from '../../lib/nest/packet-codec.js';
import { Serialized } from '../../lib/protocol/body.js';

const PACKET = { pattern: 'p', data: 1 };

describe('without a codec of the user’s', () => {
  const codec = new PacketCodec({});

  test('packets stay as they are', async () => {
    expect(codec.serializes || codec.deserializes).toBe(false);
    expect(await codec.outgoing(PACKET)).toEqual(PACKET);
    expect(await codec.incoming(PACKET, 1)).toEqual(PACKET);
  });

  test('a serialized packet stays bytes', () => {
    expect(contentOf(new Serialized('text'))).toBe('text');
    expect(contentOf(1)).toBe(1);
  });
});

describe('members that a serializer leaves out', () => {
  const serializer = { serialize: () => ({ data: 2 }) };
  const deserializer = { deserialize: () => ({ data: 2 }) as never };

  test('stay in an outgoing packet', async () => {
    expect(await new PacketCodec({ serializer }).outgoing(PACKET)).toEqual({
      pattern: 'p',
      data: 2,
    });
  });

  test('stay in an incoming packet', async () => {
    expect(await new PacketCodec({ deserializer }).incoming(PACKET, 1)).toEqual({
      pattern: 'p',
      data: 2,
    });
  });
});

test.each(['text', Buffer.from('bytes')])(
  'what a serializer makes as %s is sent as such, and the other side’s deserializer gets it',
  async (made) => {
    const serializer = { serialize: () => made };
    expect(await new PacketCodec({ serializer }).outgoing(PACKET)).toEqual(new Serialized(made));
    const got: unknown[] = [];
    const deserialize = (packet: unknown) => (got.push(packet), PACKET);
    const codec = new PacketCodec({ deserializer: { deserialize } });
    await codec.incoming(PACKET, new Serialized(made));
    await codec.incoming(PACKET, 1);
    expect(got).toEqual([made, PACKET]);
  },
);
