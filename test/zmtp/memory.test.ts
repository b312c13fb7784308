import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { joined } from '../../lib/frame.js';
import { COMMAND } from '../../lib/zmtp/frame-flags.js';
import { FrameReader } from '../../lib/zmtp/frame-reader.js';
import { Output } from '../../lib/zmtp/output.js';
import { Pieces } from '../../lib/zmtp/pieces.js';
import { fixSeed } from '../support/fix-seed.js';
import { frame, longFrame } from './witness.js';

fixSeed(25);

/** The memory that these Buffers keep alive. */
function kept(buffers: readonly Buffer[]): number {
  let bytes = 0;
  for (const buffer of new Set(buffers.map((one) => one.buffer))) bytes += buffer.byteLength;
  return bytes;
}

function reader(...chunks: Buffer[]): FrameReader {
  const made = new FrameReader();
  made.limit = 1_000_000;
  for (const chunk of chunks) made.push(chunk);
  return made;
}

/** Like a chunk that Node reads: a Buffer over memory of its own. */
function chunkOf(...frames: Buffer[]): Buffer {
  const bytes = Buffer.concat(frames);
  const chunk = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(chunk);
  return chunk;
}

function bodies(from: FrameReader): Buffer[] {
  const read: Buffer[] = [];
  while (from.next() === 'frame') read.push(joined(from.takeBody()));
  return read;
}

describe('a frame', () => {
  it('that is small keeps no large chunk alive', () => {
    const [small] = bodies(reader(chunkOf(frame(0, 'small'), frame(0, Buffer.alloc(600_000)))));
    expect(String(small)).toBe('small');
    // Node's pool, not the chunk; Node 26 aligns it with a few more bytes.
    expect(small?.buffer.byteLength).toBeLessThanOrEqual(Buffer.poolSize + 1024);
  });

  it('that is most of its chunk is not copied', () => {
    const chunk = chunkOf(frame(0, 'small'), frame(0, Buffer.alloc(60_000)));
    const [, large] = bodies(reader(chunk));
    expect(large?.buffer).toBe(chunk.buffer);
  });

  it('is not copied out of a small chunk', () => {
    const chunk = chunkOf(frame(0, 'small'), frame(0, Buffer.alloc(5000)));
    for (const body of bodies(reader(chunk))) expect(body.buffer).toBe(chunk.buffer);
  });

  it('that is incomplete keeps no large chunk alive', () => {
    const chunk = chunkOf(frame(0, Buffer.alloc(60_000)), Buffer.from([0, 10, 1, 2, 3]));
    const read = reader(chunk);
    expect(bodies(read)).toHaveLength(1);
    chunk.fill(9);
    read.push(Buffer.alloc(7, 4));
    expect([...(bodies(read)[0] ?? [])]).toEqual([1, 2, 3, 4, 4, 4, 4, 4, 4, 4]);
  });

  it('takes no memory for its stated size', () => {
    const read = reader();
    read.limit = 2 ** 40;
    const before = process.memoryUsage().arrayBuffers;
    read.push(longFrame(0, 'x', 2 ** 40));
    expect(read.next()).toBe('wait');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it('is rejected for its flags or size as soon as these have arrived', () => {
    const read = reader(Buffer.from([COMMAND]));
    read.commandLimit = 9;
    expect(read.next()).toBe('wait');
    read.push(Buffer.from([10]));
    expect(read.next()).toBe('too-large');
    expect(reader(Buffer.from([8])).next()).toBe('invalid');
  });
});

describe('pieces', () => {
  test('are joined in order, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 50 }), (arrays) => {
        const pieces = new Pieces();
        for (const bytes of arrays) pieces.push(Buffer.from(bytes));
        const whole = Buffer.concat(arrays);
        expect(pieces.bytes).toBe(whole.length);
        expect(pieces.take()).toEqual(whole);
        expect(pieces.bytes).toBe(0);
        expect(pieces.take()).toHaveLength(0);
      }),
    );
  });

  it('of one byte each take little more memory than their bytes', () => {
    const pieces = new Pieces();
    for (let count = 0; count < 100_000; count++) pieces.push(Buffer.from([count & 255]));
    // Powers of two below 16 KB, and larger pieces.
    expect(pieces.count).toBeLessThan(14 + 100_000 / 16_384);
    expect(pieces.take().length).toBe(100_000);
  });
});

describe('output', () => {
  it('of small frames is one Buffer', () => {
    const output = new Output();
    for (let count = 0; count < 100; count++) output.frame(0, 'x'.repeat(count));
    expect(output.take()).toHaveLength(1);
    expect(output.take()).toEqual([]);
  });

  it('contains large Buffers without a copy', () => {
    const output = new Output();
    const large = Buffer.alloc(4097);
    output.frame(1, 'before');
    output.frame(1, large);
    output.frame(0, 'after');
    const pieces = output.take();
    expect(pieces[1]).toBe(large);
    expect(pieces).toHaveLength(3);
  });

  it('holds no memory once taken', () => {
    const output = new Output();
    output.frame(0, 'x');
    const [first] = output.take();
    const other = new Output();
    other.frame(0, 'y');
    const [second] = other.take();
    // Both sessions use the same slab.
    expect(second?.buffer).toBe(first?.buffer);
    expect(String(first?.subarray(2))).toBe('x');
  });

  it("that waits among others' output keeps about as much memory as it has bytes", () => {
    const slow = new Output();
    const other = new Output();
    for (let count = 0; count < 2000; count++) {
      slow.frame(0, 'x'.repeat(100));
      other.frame(0, Buffer.alloc(1000));
      other.take();
    }
    const bytes = slow.bytes;
    const pieces = slow.take();
    expect(Buffer.concat(pieces).length).toBe(bytes);
    // The first 100 bytes are in the shared slab.
    expect(kept(pieces.slice(1))).toBeLessThan(3 * bytes);
  });

  it('does not continue in a replaced slab, even if the new one ends at the same offset', () => {
    const filler = new Output();
    const fill = (text: string) => {
      filler.frame(0, text);
      const [piece] = filler.take();
      return { slab: piece?.buffer, end: (piece?.byteOffset ?? 0) + (piece?.length ?? 0) };
    };
    const text = 'x'.repeat(100);
    // A new slab.
    let { slab: first, end } = fill(text);
    for (let last = Infinity; end >= last || end > 1000;) {
      last = end;
      ({ slab: first, end } = fill(text));
    }
    const [one, other] = [new Output(), new Output()];
    one.frame(0, 'a');
    const endOfOne = end + 3;
    other.frame(0, 'b');
    // Its successor, up to the same offset.
    let present = fill(text);
    while (present.slab === first) present = fill(text);
    while (endOfOne - present.end > 4) present = fill(endOfOne - present.end > 110 ? text : '');
    present = fill('z'.repeat(endOfOne - present.end - 2));
    expect(present.end).toBe(endOfOne);
    one.frame(0, 'c');
    expect(Buffer.concat(other.take())).toEqual(frame(0, 'b'));
    expect(Buffer.concat(one.take())).toEqual(Buffer.concat([frame(0, 'a'), frame(0, 'c')]));
  });

  test('is what was written, whatever other sessions write meanwhile', () => {
    const body = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom(3000, 5000, 9000, 30_000).map((length) => 'é'.repeat(length)),
      fc.constantFrom(10, 4096, 4097).map((length) => Buffer.alloc(length, 'b')),
    );
    const writes = fc.array(fc.tuple(fc.nat(2), body, fc.nat(5)), { maxLength: 60 });
    fc.assert(
      fc.property(writes, (steps) => {
        const outputs = [0, 1, 2].map(() => ({
          output: new Output(),
          expected: [] as Buffer[],
          taken: [] as Buffer[],
        }));
        for (const [who, written, takes] of steps) {
          const one = outputs[who];
          if (!one) continue;
          one.output.frame(1, written);
          one.expected.push(frame(1, Buffer.from(written)));
          if (takes === 0) one.taken.push(...one.output.take());
        }
        for (const { output, expected, taken } of outputs) {
          const rest = output.bytes;
          const last = Buffer.concat(output.take());
          expect(last.length).toBe(rest);
          // Comparing long Buffers octet by octet takes minutes.
          expect(Buffer.concat([...taken, last]).equals(Buffer.concat(expected))).toBe(true);
        }
      }),
    );
  });
});
