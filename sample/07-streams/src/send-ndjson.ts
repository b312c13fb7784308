import { Logger } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

const logger = new Logger('Export');

/**
 * Answers with values, a line of JSON each, as fast as the reader takes them. If they fail, so does the download: an answer that just
 * ended would look whole. With Fastify, call `reply.hijack()` and pass on `reply.raw`.
 *
 * @param read gets a signal that aborts when the reader leaves, also before the first value
 * @param fileName under which a browser saves it
 * @throws what the values fail with before the first one, while the answer can still be another
 */
export async function sendNdjson(
  read: (signal: AbortSignal) => AsyncIterable<unknown>,
  response: ServerResponse,
  fileName: string,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const lines = linesOf(read(gone.signal));
  const first = await lines.next().catch((error: unknown) => {
    if (gone.signal.aborted) return undefined;
    throw error;
  });
  if (first === undefined) return; // The reader has left.
  response.setHeader('content-type', 'application/x-ndjson');
  response.setHeader('content-disposition', `attachment; filename="${fileName}"`);
  const all = async function* () {
    try {
      if (!first.done) yield first.value;
      yield* lines;
    } catch (error) {
      if (!gone.signal.aborted) logger.error(error);
      throw error;
    }
  };
  // It waits whenever the response is full, and destroys it on an error: then nobody is left to be told.
  await pipeline(all, response).catch(() => {});
}

async function* linesOf(values: AsyncIterable<unknown>): AsyncGenerator<string, void> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`;
}
