import { createReadStream } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import { reasonOf } from '../../sockets/reason-of.js';
import { UsageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { readJson } from './read-json.js';

/** What the data is: JSON, text as it is, or bytes as they are. */
export type DataForm = 'json' | 'text' | 'bytes';

/** Four times what a message may have: JSON may come with much white space. What has no end is not read until memory is full. */
const MOST_BYTES = 64 * 1024 * 1024;

const HINT = 'For text that is no JSON, add --text. In a shell, put JSON between single quotes.';

/**
 * The data of a call: what the argument says, or what is in the file or standard input that it names.
 *
 * @param given undefined without an argument: then the data is `{}`, as Nest's clients send no call without data
 * @throws UsageError
 */
export async function readData(
  given: string | undefined,
  form: DataForm,
  io: Pick<CliIo, 'stdin' | 'err' | 'interrupted'>,
): Promise<unknown> {
  if (given === undefined) return {};
  const bytes = await bytesOf(given, io);
  if (form === 'bytes') return bytes;
  const text = bytes.toString();
  if (form === 'text') return text;
  const value = readJson(text, nameOf(given), HINT);
  if (value !== null) return value;
  throw new UsageError("null cannot be sent: Nest's clients refuse it. Send {} or an object");
}

async function bytesOf(
  given: string,
  { stdin, err, interrupted }: Pick<CliIo, 'stdin' | 'err' | 'interrupted'>,
): Promise<Buffer> {
  if (isStdin(given)) {
    if (stdin.isTTY) err('The data is what you type now; Ctrl-D ends it.\n');
    return readAll(stdin as Readable, given, interrupted);
  }
  if (!given.startsWith('@')) return Buffer.from(given);
  try {
    // Not readFile: it may be a device, or a pipe, which have no end.
    return await readAll(createReadStream(given.slice(1)), given, interrupted);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the data is in a file that cannot be read: ${reasonOf(error)}`);
  }
}

async function readAll(stream: Readable, given: string, interrupted: AbortSignal): Promise<Buffer> {
  // Else a terminal would keep the process after Ctrl-C.
  addAbortSignal(interrupted, stream);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_BYTES)
      throw new UsageError(`${nameOf(given)} has more than 64 MiB, which no message can carry`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** For an error. */
function nameOf(given: string): string {
  if (isStdin(given)) return 'what came by standard input';
  return given.startsWith('@') ? `the file ${given.slice(1)}` : 'the data';
}

/** The second is curl's. */
function isStdin(given: string): boolean {
  return given === '-' || given === '@-';
}
