import type { FactoryProvider } from '@nestjs/common';
import { badOptions } from '../nest/options/bad-options.js';
import type { FreelanceClientOptions } from '../nest/options/client-options.js';
import { OptionReader } from '../nest/options/option-reader.js';
import { shown } from '../nest/options/shown.js';
import type {
  ContractAsyncRegistration,
  ContractOptionsFactory,
} from './contracts-module-options.js';
import type { CheckedRegistration } from './registrations.js';

/** Where the options of a client come from. */
export type OptionsSource = Pick<FactoryProvider<FreelanceClientOptions>, 'useFactory' | 'inject'>;

/**
 * The source that a registration names.
 *
 * @throws FreelanceError `BAD_OPTIONS`, naming its contracts, unless it names exactly one
 */
export function optionsSource(
  registration: CheckedRegistration<ContractAsyncRegistration>,
): OptionsSource {
  check(registration);
  const { useFactory, inject, useClass, useExisting } = registration.given;
  if (useFactory) {
    return { useFactory: useFactory as OptionsSource['useFactory'], inject: inject ?? [] };
  }
  const factory = useExisting ?? useClass;
  return {
    useFactory: (maker: Partial<ContractOptionsFactory>) => {
      if (maker.createContractOptions) return maker.createContractOptions();
      throw badOptions(
        `ContractsModule.registerAsync, ${registration.names}: ${shown(maker)} has no method createContractOptions`,
      );
    },
    inject: factory === undefined ? [] : [factory],
  };
}

function check({ given, names }: CheckedRegistration<ContractAsyncRegistration>): void {
  const owner = `ContractsModule.registerAsync, ${names}`;
  const read = new OptionReader<ContractAsyncRegistration>(owner, given, [
    'contract',
    'clientToken',
    'imports',
    'inject',
    'useFactory',
    'useClass',
    'useExisting',
    'extraProviders',
  ]);
  const sources = SOURCES.filter((source) => read.isGiven(source));
  if (sources.length !== 1) {
    const got = sources.length === 0 ? 'none' : sources.join(' and ');
    throw badOptions(`${owner}: takes one of ${SOURCES.join(', ')}, but got ${got}`);
  }
  if (read.isGiven('useFactory') && typeof given.useFactory !== 'function') {
    throw read.bad('useFactory', 'must be a function', given.useFactory);
  }
  if (given.inject && !given.useFactory) {
    throw badOptions(`${owner}: inject goes with useFactory, and ${sources.join()} ignores it`);
  }
}

const SOURCES = ['useFactory', 'useClass', 'useExisting'] as const;
