import type {
  FactoryProvider,
  InjectionToken,
  ModuleMetadata,
  Provider,
  Type,
} from '@nestjs/common';
import type { FreelanceClientOptions } from '../nest/options/client-options.js';
import type { Contract } from './contract.js';

/** Contracts, and the client that calls them. */
interface Registered {
  /** The contract of the servers, or all that they serve: these share one client. */
  readonly contract: Contract | readonly Contract[];
  /**
   * The injection token of the `FreelanceClientProxy` itself, for its statistics, a health check or a dashboard.
   * @default none: it cannot be injected
   */
  readonly clientToken?: InjectionToken | undefined;
}

/** One registration of `ContractsModule.register`: contracts, and the options of the client that calls them. */
export interface ContractRegistration extends Registered, FreelanceClientOptions {}

/** What `ContractsModule.register` takes. */
export type ContractsModuleOptions =
  | readonly ContractRegistration[]
  | {
      /** Whether every module can inject the clients without an import. @default false */
      readonly isGlobal?: boolean | undefined;
      /** One client for each. */
      readonly clients: readonly ContractRegistration[];
    };

/** A provider that makes the options of a client. */
export interface ContractOptionsFactory {
  /** Called once, when the application starts. */
  createContractOptions(): FreelanceClientOptions | Promise<FreelanceClientOptions>;
}

/** One registration of `ContractsModule.registerAsync`, with exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface ContractAsyncRegistration extends Registered, Pick<ModuleMetadata, 'imports'> {
  /** Returns the options, and gets what `inject` names. */
  readonly useFactory?:
    | ((...injected: never[]) => FreelanceClientOptions | Promise<FreelanceClientOptions>)
    | undefined;
  /** What Nest passes to `useFactory`, in order. @default nothing */
  readonly inject?: FactoryProvider['inject'] | undefined;
  /** A class that makes the options, and becomes a provider. */
  readonly useClass?: Type<ContractOptionsFactory> | undefined;
  /** A provider that makes the options. */
  readonly useExisting?: InjectionToken<ContractOptionsFactory> | undefined;
  /** Further providers, for what `inject` names. */
  readonly extraProviders?: Provider[] | undefined;
}

/** What `ContractsModule.registerAsync` takes. */
export type ContractsModuleAsyncOptions =
  | readonly ContractAsyncRegistration[]
  | {
      /** Whether every module can inject the clients without an import. @default false */
      readonly isGlobal?: boolean | undefined;
      /** One client for each. */
      readonly clients: readonly ContractAsyncRegistration[];
    };
