import * as fc from 'fast-check';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { BodyReader } from '../../benchmark/src/subjects/echo/body-reader.js';
import { BodyWriter } from '../../benchmark/src/subjects/echo/body-writer.js';

/** Records what a socket is given while corked, and how often it is uncorked. */
class Wire {
  readonly chunks: Buffer[] = [];
  writes = 0;

  readonly socket = {
    cork: () => {},
    write: (chunk: Buffer) => this.chunks.push(chunk),
    uncork: () => this.writes++,
  } as unknown as Socket;
}

const body = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'grapheme', maxLength: 200 }).map((text) => ({ text })),
  fc.integer({ min: 0, max: 300_000 }).map((length) => 'x'.repeat(length)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);

test('bodies round-trip, however they are chunked', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(body), fc.integer({ min: 1, max: 70_000 }), async (bodies, cut) => {
      const wire = new Wire();
      const writer = new BodyWriter(wire.socket);
      for (const one of bodies) writer.write(one);
      await Promise.resolve();

      const bytes = Buffer.concat(wire.chunks);
      const found: unknown[] = [];
      const reader = new BodyReader((one) => found.push(one));
      for (let at = 0; at < bytes.length; at += cut) reader.read(bytes.subarray(at, at + cut));
      const sent = bodies.map((one) =>
        Buffer.isBuffer(one) ? one : (JSON.parse(JSON.stringify(one)) as unknown),
      );
      expect(found).toEqual(sent);
      expect(wire.writes).toBe(bodies.length > 0 ? 1 : 0);
    }),
    { numRuns: 50 },
  );
});
