import {
  type DynamicModule,
  type FactoryProvider,
  type InjectionToken,
  Module,
  type Provider,
  type ValueProvider,
} from '@nestjs/common';
import { FreelanceClientProxy } from '../nest/client/freelance-client-proxy.js';
import {
  type FreelanceClientOptions,
  resolveClientOptions,
} from '../nest/options/client-options.js';
import { contractClient } from './contract-client.js';
import type {
  ContractAsyncRegistration,
  ContractRegistration,
  ContractsModuleAsyncOptions,
  ContractsModuleOptions,
} from './contracts-module-options.js';
import { getContractToken } from './inject-contract.js';
import { type OptionsSource, optionsSource } from './options-source.js';
import { type CheckedRegistration, namingContracts, readRegistrations } from './registrations.js';

/**
 * Provides clients of contracts, as Nest's `ClientsModule` provides clients. One registration is one `FreelanceClientProxy`, which
 * its contracts share, and which closes when the application does.
 *
 * ```ts
 * ContractsModule.register([{ contract: orders, endpoints: ['tcp://10.0.0.1:5555', 'tcp://10.0.0.2:5555'] }])
 * ```
 */
@Module({})
export class ContractsModule {
  /**
   * @param options registrations, or an object with them as `clients`
   * @throws FreelanceError `BAD_OPTIONS`, naming the contract, its option, its bound and the value
   */
  static register(options: ContractsModuleOptions): DynamicModule {
    const { isGlobal, all } = readRegistrations<ContractRegistration>('register', options);
    return moduleOf(
      isGlobal,
      all.map((registration) => {
        const { contract: _, clientToken, ...client } = registration.given;
        namingContracts(registration.names, () => resolveClientOptions(client));
        return provided(registration, clientToken, { useValue: client });
      }),
    );
  }

  /**
   * For options that are known late.
   *
   * ```ts
   * ContractsModule.registerAsync([{
   *   contract: orders,
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ endpoints: config.getOrThrow<string[]>('orders') }),
   * }])
   * ```
   *
   * @param options registrations, or an object with them as `clients`
   * @throws FreelanceError `BAD_OPTIONS`, naming the contract. Wrong options of a client end the start of the application
   */
  static registerAsync(options: ContractsModuleAsyncOptions): DynamicModule {
    const { isGlobal, all } = readRegistrations<ContractAsyncRegistration>(
      'registerAsync',
      options,
    );
    return moduleOf(
      isGlobal,
      all.map((registration) => {
        const { clientToken, imports, extraProviders = [] } = registration.given;
        const { own, exported } = provided(registration, clientToken, optionsSource(registration));
        const { useClass } = registration.given;
        const further = [...extraProviders, ...(useClass ? [useClass] : [])];
        return { imports, own: [...own, ...further], exported };
      }),
    );
  }
}

/** What one registration brings. */
interface Part {
  readonly imports?: DynamicModule['imports'];
  readonly own: Provider[];
  readonly exported: InjectionToken[];
}

function moduleOf(isGlobal: boolean, parts: readonly Part[]): DynamicModule {
  return {
    module: ContractsModule,
    global: isGlobal,
    imports: [...new Set(parts.flatMap(({ imports }) => imports ?? []))],
    providers: parts.flatMap(({ own }) => own),
    exports: parts.flatMap(({ exported }) => exported),
  };
}

function provided(
  { contracts, names }: CheckedRegistration<unknown>,
  clientToken: InjectionToken | undefined,
  source: OptionsSource | Pick<ValueProvider<FreelanceClientOptions>, 'useValue'>,
): Part {
  // A provider of their own, as they were given: with `moduleIdGeneratorAlgorithm: 'deep-hash'` Nest tells modules apart by
  // what it can print of their providers, and would give two modules the client of one.
  const options = { provide: Symbol(`FreelanceClientOptions(${names})`), ...source };
  const token = clientToken ?? Symbol(`FreelanceClientProxy(${names})`);
  const proxy: FactoryProvider<FreelanceClientProxy> = {
    provide: token,
    inject: [options.provide],
    useFactory: (given: FreelanceClientOptions) =>
      closedAtShutdown(namingContracts(names, () => new FreelanceClientProxy(given))),
  };
  const clients = contracts.map((contract) => ({
    provide: getContractToken(contract),
    inject: [token],
    useFactory: (client: FreelanceClientProxy) => contractClient(contract, client),
  }));
  return {
    own: [options, proxy, ...clients],
    exported: [
      ...clients.map(({ provide }) => provide),
      ...(clientToken === undefined ? [] : [clientToken]),
    ],
  };
}

/** Nest calls this hook of every provider when the application closes, as `ClientsModule` counts on, too. */
function closedAtShutdown(client: FreelanceClientProxy): FreelanceClientProxy {
  return Object.assign(client, { onApplicationShutdown: () => client.close() });
}
