import { readdirSync, readFileSync } from 'node:fs';
import type { Hello } from '../../lib/protocol/hello.js';
import type { Dialect } from '../../lib/protocol/messages.js';

/** The files of the folder `protocol`, in the words of its README: nothing here knows our codec. */
const folder = new URL('../../protocol/', import.meta.url);

export const files: readonly string[] = readdirSync(folder).filter(
  (name) => name.endsWith('.json') && !name.endsWith('.schema.json'),
);

export function readFile(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}

type Bytes = ({ text: string } | { hex: string }) & { times?: number };
type GivenFrame = (Bytes & { copies?: number }) | { parts: Bytes[] };

/** The value that travels. */
export type BodyMeaning = (
  | { json: unknown }
  | { text: string }
  | { bytes: string }
  | { empty: true }
  | { list: BodyMeaning[] }
) & { serialized?: true | undefined };

/** A message, in the words of the protocol. */
export interface Meaning {
  readonly command: string;
  readonly id?: string;
  readonly time?: string;
  readonly serverId?: string;
  readonly hello?: Hello;
  readonly pattern?: string | Readonly<Record<string, unknown>>;
  readonly reserved?: string | undefined;
  readonly body?: BodyMeaning;
  readonly attempt?: number;
  readonly mayHaveRun?: boolean | undefined;
  readonly timeout?: number | undefined;
  readonly credit?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly status?: string;
  readonly reason?: string | undefined;
  readonly values?: number;
  /** Of a PACK. */
  readonly messages?: readonly (Meaning | MalformedMeaning)[];
}

/** Why a message cannot be read, and what its receiver does. */
export interface MalformedMeaning {
  readonly malformed: string;
  readonly receiver: string;
}

export interface Vector {
  readonly file: string;
  readonly name: string;
  readonly direction: 'to-server' | 'to-client';
  readonly dialect: Dialect | 'any';
  readonly frames: readonly Buffer[];
  readonly expected: Meaning | MalformedMeaning;
  readonly isCanonical: boolean;
  readonly answer?: string | undefined;
}

interface Given {
  name: string;
  direction: Vector['direction'];
  dialect: Vector['dialect'];
  frames: GivenFrame[];
  means?: Meaning;
  malformed?: string;
  receiver?: string;
  canonical?: true;
  answer?: string;
}

export interface PatternName {
  readonly name: string;
  readonly pattern: string | number | Readonly<Record<string, unknown>>;
  readonly means: { readonly patternName: string };
}

function vectorsOf<Shape>(file: string): readonly Shape[] {
  return (readFile(file) as { vectors: Shape[] }).vectors;
}

/** What a client with security has, and the routing id that it makes of it. */
export interface SealVector {
  readonly name: string;
  readonly seal: { readonly nonce: string } & (
    | {
        readonly mechanism: 'curve';
        readonly publicKey: string;
        readonly secretKey: string;
        readonly serverKey: string;
      }
    | { readonly mechanism: 'plain'; readonly username: string; readonly password: string }
  );
  readonly means: { readonly routingId: string };
}

const NAMES = 'pattern-names.json';
const SEALS = 'seals.json';

export const patternNames = vectorsOf<PatternName>(NAMES);
export const seals = vectorsOf<SealVector>(SEALS);

export const vectors: readonly Vector[] = files
  .filter((file) => file !== NAMES && file !== SEALS)
  .flatMap((file) => vectorsOf<Given>(file).map((given) => vectorOf(file, given)));

function vectorOf(file: string, given: Given): Vector {
  const { name, direction, dialect, means, malformed = '', receiver = '', answer } = given;
  return {
    file,
    name,
    direction,
    dialect,
    frames: copied(given.frames).map(frameOf),
    expected: means ? unfolded(means) : { malformed, receiver },
    isCanonical: given.canonical === true,
    answer,
  };
}

function frameOf(frame: GivenFrame): Buffer {
  return 'parts' in frame ? Buffer.concat(frame.parts.map(bytesOf)) : bytesOf(frame);
}

function bytesOf(bytes: Bytes): Buffer {
  const once = 'text' in bytes ? Buffer.from(bytes.text) : Buffer.from(bytes.hex, 'hex');
  return bytes.times === undefined ? once : Buffer.concat(Array<Buffer>(bytes.times).fill(once));
}

/** Elements with `copies`, as many times as they say. */
function copied<Item extends object>(items: readonly Item[]): Item[] {
  return items.flatMap((item) => {
    const { copies, ...once } = item as Item & { copies?: number };
    return copies === undefined ? [item] : Array<Item>(copies).fill(once as unknown as Item);
  });
}

/** A meaning without `times` and `copies`. */
function unfolded(means: Meaning): Meaning {
  const { body, hello, messages } = means;
  return {
    ...means,
    ...(body && { body: unfoldedBody(body) }),
    ...(hello && { hello: unfoldedHello(hello) }),
    ...(messages && { messages: copied(messages).map((one) => unfolded(one as Meaning)) }),
  };
}

function unfoldedBody(body: BodyMeaning & { times?: number }): BodyMeaning {
  if ('list' in body) return { list: copied(body.list) };
  const { times = 1, ...once } = body;
  return 'text' in once ? { ...once, text: once.text.repeat(times) } : once;
}

type FoldedName = string | { text: string; times?: number; copies?: number };

function unfoldedHello(hello: Hello): Hello {
  const { atMostOnce } = hello as { atMostOnce?: true | FoldedName[] };
  if (!Array.isArray(atMostOnce)) return hello;
  const names = atMostOnce.flatMap((name) => {
    if (typeof name === 'string') return [name];
    const { text, times = 1, copies = 1 } = name;
    return Array<string>(copies).fill(text.repeat(times));
  });
  return { ...hello, atMostOnce: names };
}
