import type { Chance } from './chance.js';

const GREETING_BYTES = 64;

/** How many units of the stream may be changed: a greeting, the commands of a handshake, and some messages. */
const UNITS = 8;

/** The bytes of one direction, cut into units: a greeting, then frames. */
class Cutter {
  #rest = Buffer.alloc(0);
  #count = 0;

  push(bytes: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const units: Buffer[] = [];
    for (;;) {
      const length = this.#count === 0 ? GREETING_BYTES : frameLength(this.#rest);
      if (this.#rest.length < length) return units;
      units.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
      this.#count++;
    }
  }
}

function frameLength(bytes: Buffer): number {
  if (bytes.length < 2) return Infinity;
  const isLong = ((bytes[0] ?? 0) & 2) !== 0;
  if (!isLong) return 2 + (bytes[1] ?? 0);
  return bytes.length < 9 ? Infinity : 9 + bytes.readUInt32BE(5);
}

/** What was sent in an earlier connection of the same two. */
export type Recording = readonly [toServer: Buffer[], toClient: Buffer[]];

/** An attacker between the two sides, who sees everything and changes some of it. */
export class ManInTheMiddle {
  readonly recording: Recording = [[], []];
  readonly #chance: Chance;
  readonly #earlier: Recording;
  readonly #cutters = [new Cutter(), new Cutter()];
  readonly #targets: { readonly direction: number; readonly unit: number }[];
  readonly #held: (Buffer | undefined)[] = [undefined, undefined];

  constructor(chance: Chance, earlier: Recording, changes: number) {
    this.#chance = chance;
    this.#earlier = earlier;
    this.#targets = Array.from({ length: changes }, () => ({
      direction: chance.below(2),
      unit: chance.below(UNITS),
    }));
  }

  /** The bytes that are forwarded instead of these. */
  pass(direction: 0 | 1, bytes: Buffer): Buffer {
    const passed: Buffer[] = [];
    for (const unit of this.#cutters[direction]?.push(bytes) ?? []) {
      const count = this.recording[direction].push(unit) - 1;
      const isTarget = this.#targets.some(
        (target) => target.direction === direction && target.unit === count,
      );
      passed.push(...(isTarget ? this.#changed(direction, unit) : [unit]));
      const held = this.#held[direction];
      if (held && !isTarget) {
        passed.push(held);
        this.#held[direction] = undefined;
      }
    }
    return Buffer.concat(passed);
  }

  #changed(direction: 0 | 1, unit: Buffer): Buffer[] {
    const chance = this.#chance;
    const heard = [
      ...this.#earlier[0],
      ...this.#earlier[1],
      ...this.recording[0],
      ...this.recording[1],
    ];
    switch (chance.below(14)) {
      case 0:
        return [];
      case 1:
        return [unit, unit];
      case 2:
        // Swapped with the next one.
        this.#held[direction] = unit;
        return [];
      case 3:
        return [chance.of(heard), unit];
      case 4:
        return [chance.of(heard)];
      case 5:
        return [unit.subarray(0, chance.below(unit.length))];
      case 6:
        return [unit, chance.bytes(1 + chance.below(40))];
      case 7:
        return [resized(unit, chance)];
      case 8:
        return [spliced(unit, chance.of(heard), chance)];
      case 9:
        return [filled(unit, chance)];
      default:
        return [flipped(unit, chance)];
    }
  }
}

function flipped(unit: Buffer, chance: Chance): Buffer {
  const copy = Buffer.from(unit);
  for (let count = 1 + chance.below(3); count > 0; count--) {
    const at = chance.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << chance.below(8));
  }
  return copy;
}

/** Replaces a part by the bytes of another unit at the same offset. */
function spliced(unit: Buffer, other: Buffer, chance: Chance): Buffer {
  const copy = Buffer.from(unit);
  const start = chance.below(Math.min(copy.length, other.length));
  other.copy(copy, start, start, Math.min(other.length, start + 1 + chance.below(64)));
  return copy;
}

/** Sets a part to all zeros or all ones. */
function filled(unit: Buffer, chance: Chance): Buffer {
  const start = chance.below(unit.length);
  const end = Math.min(unit.length, start + 1 + chance.below(40));
  return Buffer.from(unit).fill(chance.of([0, 255]), start, end);
}

/** A short frame with bytes removed from or added to its end, and a matching size. */
function resized(unit: Buffer, chance: Chance): Buffer {
  const [flags = 0, size = 0] = unit;
  if (flags & 2 || unit.length !== size + 2) return flipped(unit, chance);
  const body = chance.below(2)
    ? unit.subarray(2, 2 + chance.below(size + 1))
    : Buffer.concat([unit.subarray(2), chance.bytes(1 + chance.below(20))]).subarray(0, 255);
  return Buffer.concat([Buffer.of(flags, body.length), body]);
}
