import { FreelanceError } from '../../core/freelance-error.js';
import { NO_METADATA } from '../../protocol/headers.js';
import { MAX_ID_BYTES } from '../../protocol/messages.js';
import { MOST_BLOCK_BYTES } from '../../protocol/pack.js';
import { exceeds } from '../../protocol/size.js';
import { type ReadAddress, shownAddress } from './addresses.js';
import { METADATA, notMetadata } from './metadata.js';
import { isPlainObject } from './plain-object.js';
import { kindOf, shown } from './shown.js';
import { PacketCodec, type PacketCodecOptions } from '../packet-codec.js';

export interface NumberRule {
  readonly min: number;
  readonly max?: number;
  readonly default: number;
  /** Whether `Infinity` means "no bound". */
  readonly infinite?: boolean;
  readonly integer?: boolean;
}

/** The option `maxMessageSize` of both sides. */
export const MESSAGE_SIZE: NumberRule = {
  min: MOST_BLOCK_BYTES,
  // What other implementations can store in 32 bits.
  max: 2 ** 31 - 1,
  default: 16 * 1024 * 1024,
  integer: true,
};

/** Reads and checks the options that a user gave, each once. Its errors say what to change. */
export class OptionReader<Options extends object> {
  constructor(
    /** The class whose options these are, for errors. */
    private readonly owner: string,
    private readonly options: Options,
    known: readonly (keyof Options & string)[],
    /** The path of the option that contains these, with a dot at the end. */
    private readonly path = '',
    /** Whether values may be secrets, or mistaken for secrets: errors then show their kind only. */
    private readonly isSecret = false,
  ) {
    if (!isPlainObject(options)) {
      throw this.#error(`options must be an object, but are ${shown(options)}`);
    }
    const names: readonly string[] = known;
    const unknown = Object.keys(options).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      const all = known.map((name) => path + name).join(', ');
      throw this.#error(`there is no option "${path}${unknown}". The options are ${all}`);
    }
  }

  /** The options in an option; all are absent if it is. */
  group<Name extends keyof Options & string, Inner extends object>(
    name: Name,
    known: readonly (keyof Inner & string)[],
  ): OptionReader<Inner> {
    const value: unknown = this.options[name] ?? {};
    if (!isPlainObject(value)) throw this.bad(name, 'must be an object', value);
    return new OptionReader<Inner>(this.owner, value as Inner, known, `${this.path}${name}.`);
  }

  /** As `group`, for options with keys and passwords. */
  secrets<Name extends keyof Options & string, Inner extends object>(
    name: Name,
    known: readonly (keyof Inner & string)[],
  ): OptionReader<Inner> {
    const value = Object(this.options[name]) as Inner;
    return new OptionReader<Inner>(this.owner, value, known, `${this.path}${name}.`, true);
  }

  isGiven(name: keyof Options & string): boolean {
    return (this.options[name] ?? undefined) !== undefined;
  }

  number(name: keyof Options & string, rule: NumberRule): number {
    const value: unknown = this.options[name] ?? rule.default;
    const isAllowed =
      typeof value === 'number' &&
      value >= rule.min &&
      (value <= (rule.max ?? Number.MAX_VALUE) || (value === Infinity && rule.infinite === true)) &&
      (!rule.integer || Number.isInteger(value) || value === Infinity);
    if (isAllowed) return value;
    const most = rule.max === undefined ? '' : ` and at most ${rule.max}`;
    const kind = rule.integer ? 'a whole number' : 'a number';
    const none = rule.infinite ? ', or Infinity' : '';
    throw this.bad(name, `must be ${kind}, at least ${rule.min}${most}${none}`, value);
  }

  text(name: keyof Options & string, fallback: string): string {
    const value: unknown = this.options[name] ?? fallback;
    if (typeof value === 'string' && value !== '' && !exceeds(value, MAX_ID_BYTES)) return value;
    throw this.bad(name, `must be a string of at least 1 and at most ${MAX_ID_BYTES} bytes`, value);
  }

  flag(name: keyof Options & string, fallback: boolean): boolean {
    const value: unknown = this.options[name] ?? fallback;
    if (typeof value === 'boolean') return value;
    throw this.bad(name, 'must be true or false', value);
  }

  /** One of the given names. */
  oneOf<Name extends string>(
    name: keyof Options & string,
    names: readonly Name[],
    fallback: () => Name,
  ): Name {
    const value: unknown = this.options[name] ?? fallback();
    const known = names.find((one) => one === value);
    if (known !== undefined) return known;
    throw this.bad(name, `must be ${names.map((one) => `'${one}'`).join(' or ')}`, value);
  }

  /** An object of strings, which no error shows. */
  texts(name: keyof Options & string): Readonly<Record<string, string>> {
    const value: unknown = this.options[name];
    if (value === undefined) return NO_METADATA;
    const instead = notMetadata(value);
    if (instead === undefined) return { ...(value as Record<string, string>) };
    throw this.#error(`${this.path}${name} must be ${METADATA}, but is ${instead}`);
  }

  function<Name extends keyof Options & string>(
    name: Name,
    fallback: NonNullable<Options[Name]>,
  ): NonNullable<Options[Name]> {
    const value = this.options[name] ?? fallback;
    if (typeof value !== 'function') throw this.bad(name, 'must be a function', value);
    return value;
  }

  /** The user's serializer and deserializer, if any. */
  codec(this: OptionReader<Options & PacketCodecOptions>): PacketCodec {
    const { serializer, deserializer }: PacketCodecOptions = this.options;
    if (serializer && typeof serializer.serialize !== 'function') {
      throw this.bad('serializer', 'must be an object with a method serialize', serializer);
    }
    if (deserializer && typeof deserializer.deserialize !== 'function') {
      throw this.bad('deserializer', 'must be an object with a method deserialize', deserializer);
    }
    return new PacketCodec(this.options);
  }

  /** One address or several. */
  addresses(
    name: keyof Options & string,
    read: (given: string) => ReadAddress,
    example: string,
  ): readonly string[] {
    const value: unknown = this.options[name];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.length === 0) throw this.bad(name, 'must name at least one address', value);
    return list.map((given) => {
      const must = `${this.path}${name} must be an address like ${example}, but is ${shownAddress(given)}`;
      if (typeof given !== 'string') throw this.#error(must);
      const address = read(given);
      if ('wrong' in address) throw this.#error(`${must}: ${address.wrong}`);
      return address.address;
    });
  }

  bad(name: keyof Options & string, must: string, value: unknown): FreelanceError {
    return this.#error(
      `${this.path}${name} ${must}, but is ${this.isSecret ? kindOf(value) : shown(value)}`,
    );
  }

  /** As `bad`, for a value that must not appear in a log. */
  secret(name: keyof Options & string, must: string): FreelanceError {
    return this.#error(`${this.path}${name} ${must}`);
  }

  #error(what: string): FreelanceError {
    return new FreelanceError('BAD_OPTIONS', `${this.owner}: ${what}.`);
  }
}
