import type {
  DynamicModule,
  INestMicroservice,
  LoggerService,
  LogLevel,
  Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { FreelanceTransportServer } from '../nest/server/freelance-transport-server.js';
import { OptionReader } from '../nest/options/option-reader.js';
import type { FreelanceClientOptions } from '../nest/options/client-options.js';
import { badOptions } from '../nest/options/bad-options.js';
import { isPlainObject } from '../nest/options/plain-object.js';
import type { FreelanceServerOptions } from '../nest/options/server-options.js';

/** Makes the application of one server. `FreelanceTestbed` listens, and closes it. */
export type CreateApp = (
  strategy: FreelanceTransportServer,
  number: number,
) => INestMicroservice | Promise<INestMicroservice>;

/** Options of `FreelanceTestbed.create`: exactly one of `module` and `createApp`. */
export interface FreelanceTestbedOptions {
  /** How many servers, from 1 to 100. @default 1 */
  readonly servers?: number | undefined;
  /** The application of each server: each start makes a new one, with fresh providers. */
  readonly module?: Type | DynamicModule | undefined;
  /**
   * Makes the application of a server, in place of `module`: with `Test.createTestingModule` and its overrides, for example.
   * Called for each start of a server, with its strategy and its number, from 1.
   */
  readonly createApp?: CreateApp | undefined;
  /**
   * - `real`: client and servers wait in real time.
   * - `virtual`: their time stands still until the test calls `clock.advance(ms)`.
   *
   * Users' code always has the timers of Node, or of the test framework. @default 'real'
   */
  readonly time?: 'real' | 'virtual' | undefined;
  /** Options of `client`. The testbed has its own `endpoints` and `engine`, and no `security`: `inproc://` has none. */
  readonly client?: Omit<FreelanceClientOptions, 'endpoints' | 'engine' | 'security'> | undefined;
  /** Options of each server. The testbed has its own `bind`, `serverId` and `engine`, and no `security`. */
  readonly server?:
    Omit<FreelanceServerOptions, 'bind' | 'serverId' | 'engine' | 'security'> | undefined;
  /**
   * As Nest's option `logger` of `NestFactory.createMicroservice`, which also counts for the whole process; only with `module`.
   *
   * @default ['fatal', 'error']
   */
  readonly logger?: LoggerService | LogLevel[] | false | undefined;
}

/** The options, checked. */
export interface ResolvedTestbedOptions {
  readonly servers: number;
  readonly createApp: CreateApp;
  readonly isVirtual: boolean;
  readonly client: NonNullable<FreelanceTestbedOptions['client']>;
  readonly server: NonNullable<FreelanceTestbedOptions['server']>;
}

const OPTIONS = ['servers', 'module', 'createApp', 'time', 'client', 'server', 'logger'] as const;

const SERVERS = { min: 1, max: 100, default: 1, integer: true };

/** @throws FreelanceError `BAD_OPTIONS`, naming the option, its bound and the value */
export function resolveTestbedOptions(given: FreelanceTestbedOptions): ResolvedTestbedOptions {
  const read = new OptionReader('FreelanceTestbed.create', given, OPTIONS);
  const servers = read.number('servers', SERVERS);
  const time = read.oneOf('time', ['real', 'virtual'], () => 'real');
  return {
    servers,
    isVirtual: time === 'virtual',
    createApp: readApp(read, given),
    client: withoutOwn(read, 'client', given.client, ['endpoints', 'engine', 'security']),
    server: withoutOwn(read, 'server', given.server, ['bind', 'serverId', 'engine', 'security']),
  };
}

function readApp(
  read: OptionReader<FreelanceTestbedOptions>,
  { module, createApp, logger = ['fatal', 'error'] }: FreelanceTestbedOptions,
): CreateApp {
  if (read.isGiven('module') === read.isGiven('createApp'))
    throw badOptions(
      'FreelanceTestbed.create: give either module, or createApp, which makes the application of a server',
    );
  if (createApp) return read.function('createApp', createApp);
  if (typeof module !== 'function' && (typeof module !== 'object' || module === null))
    throw read.bad('module', 'must be a module of Nest', module);
  // Else a module that cannot be made would end the process of the test.
  const options = { logger, abortOnError: false };
  return (strategy) => NestFactory.createMicroservice(module, { ...options, strategy });
}

/** The options but for those that are the testbed's. Their classes check the others. */
function withoutOwn<Name extends 'client' | 'server'>(
  read: OptionReader<FreelanceTestbedOptions>,
  name: Name,
  given: FreelanceTestbedOptions[Name],
  own: readonly string[],
): NonNullable<FreelanceTestbedOptions[Name]> {
  const options = given ?? {};
  if (!isPlainObject(options)) throw read.bad(name, 'must be an object', given);
  const taken = own.find((option) => (options as Record<string, unknown>)[option] !== undefined);
  if (taken !== undefined)
    throw badOptions(
      `FreelanceTestbed.create: ${name}.${taken} is the testbed's own: leave it out`,
    );
  return options;
}
