import type { Chance } from './chance.js';
import { AWKWARD, AWKWARD_NAMES, type Message } from './material.js';

const MOST_MUTATIONS = 4;

const COMMANDS = [
  'PING',
  'PONG',
  'REQUEST',
  'REPLY',
  'EVENT',
  'ACK',
  'CANCEL',
  'CREDIT',
  'PACK',
  '',
];

/** A message after up to four changes; sometimes unchanged, so that there is state to attack. */
export function mutated(message: Message, chance: Chance): Message {
  let frames = message;
  for (let count = chance.below(MOST_MUTATIONS + 1); count > 0; count--)
    frames = changed(frames, chance);
  // A ZeroMQ message has at least one frame.
  return frames.length > 0 ? frames : [Buffer.alloc(0)];
}

function changed(frames: Message, chance: Chance): Message {
  const at = chance.below(frames.length);
  const frame = frames[at];
  if (!frame) return [chance.bytes(3)];
  switch (chance.below(12)) {
    case 0:
      return frames.toSpliced(at, 1);
    case 1:
      return frames.toSpliced(at, 0, frame);
    case 2:
      return frames.toSpliced(at, 0, chance.bytes(chance.below(20)));
    case 3:
      return frames.toSpliced(chance.below(frames.length), 1, frame);
    case 4:
      return frames.with(1 % frames.length, Buffer.from(chance.of(COMMANDS)));
    case 5:
      return frames.with(at, frame.subarray(0, chance.below(frame.length + 1)));
    case 6:
      return frames.with(at, Buffer.concat([frame, frame]));
    case 7:
      return [...frames, ...Array.from({ length: chance.of([1, 2, 500]) }, () => frame)];
    case 8:
      return frames.with(at, flipped(frame, chance));
    default:
      return frames.with(at, otherJson(frame, chance) ?? flipped(frame, chance));
  }
}

function flipped(frame: Buffer, chance: Chance): Buffer {
  if (frame.length === 0) return chance.bytes(1);
  const copy = Buffer.from(frame);
  copy[chance.below(copy.length)] = chance.below(256);
  return copy;
}

/** The JSON of the frame with one of its values replaced; undefined if the frame is not JSON. */
function otherJson(frame: Buffer, chance: Chance): Buffer | undefined {
  try {
    const json: unknown = JSON.parse(frame.toString());
    const text = JSON.stringify(replacedIn(json, chance)) as string | undefined;
    return Buffer.from(text ?? 'null');
  } catch {
    return undefined;
  }
}

function replacedIn(value: unknown, chance: Chance): unknown {
  if (typeof value !== 'object' || value === null || chance.below(4) === 0)
    return chance.of(AWKWARD);
  const entries = Object.entries(value);
  const at = chance.below(entries.length + 1);
  const entry = entries[at];
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return entry ? items.with(at, replacedIn(items[at], chance)) : [...items, chance.of(AWKWARD)];
  }
  // `fromEntries` defines an own property even if it is called __proto__.
  const [key, old] = entry ?? [chance.of(AWKWARD_NAMES), undefined];
  return Object.fromEntries([...entries, [key, replacedIn(old, chance)]]);
}
