import { type Command, Option } from 'commander';
import type { ServerTarget } from '../core/server-target.js';
import type { FreelanceClientOptions } from '../nest/options/client-options.js';
import { ENGINES, type FreelanceEngine } from '../sockets/engine.js';
import type { FreelanceClientSecurity } from '../nest/options/client-security.js';
import { UsageError } from './cli-error.js';
import type { CliIo } from './cli-io.js';
import { endpointsOf } from './endpoints.js';
import { foundServers } from './found-servers.js';
import { addSecurityFlags, SECRETS_NOTE } from './security-flags.js';
import { securityOf } from './security-of.js';
import { several } from './values.js';

/** How the help has the command name its servers: `ping ENDPOINT…` or `call PATTERN --endpoint ADDRESS`. */
export type EndpointsBy = 'argument' | 'flag';

const FLAG = '--endpoint';

/** Adds what all commands have that connect to servers. */
export function addConnectionFlags(command: Command, by: EndpointsBy): Command {
  command
    .addOption(
      new Option(
        `-e, ${FLAG} <address>`,
        by === 'flag'
          ? 'a server; may be given several times (default: FREELANCE_ENDPOINTS)'
          : 'a server, as the arguments are; may be given several times',
      )
        .helpGroup('Connection:')
        .argParser(several),
    )
    // For those who write the plural.
    .addOption(new Option('--endpoints <addresses...>').hideHelp())
    .addOption(
      new Option(
        '--dns',
        'take the host of each address as a name, behind which every address is a server',
      ).helpGroup('Connection:'),
    )
    .addOption(
      new Option('--engine <name>', 'what speaks ZMTP (default: FREELANCE_CLIENT_ENGINE, or node)')
        .choices(ENGINES)
        .helpGroup('Connection:'),
    )
    .addOption(
      new Option('--verbose', 'log to standard error what the client does').helpGroup(
        'Connection:',
      ),
    );
  addSecurityFlags(command);
  return command.addHelpText('after', `\n${SECRETS_NOTE}`);
}

interface ConnectionFlags {
  readonly endpoint?: readonly string[];
  readonly endpoints?: readonly string[];
  readonly engine?: FreelanceEngine;
  readonly dns?: boolean;
}

/** The options of a client of the command line. */
export type ConnectionOptions = FreelanceClientOptions & { readonly endpoints: readonly string[] };

/**
 * The options of a client, of the flags and variables of a command that has `addConnectionFlags`.
 *
 * @param given the endpoints that a command takes as arguments: those of flags come on top
 * @throws UsageError, which names the flag or the variable
 */
export function connectionOptions(
  command: Command,
  { env }: Pick<CliIo, 'env'>,
  given?: readonly string[],
): ConnectionOptions {
  const flags = command.opts<ConnectionFlags>();
  const { engine } = flags;
  const endpoints = endpointsOf(namedEndpoints(command, given), env, given ? 'an address' : FLAG);
  const security = securityOf(flags as Record<string, unknown>, env, endpoints);
  return { endpoints, ...(engine && { engine }), ...(security && { security }) };
}

/**
 * The same, with `--dns` for all the servers that are found behind the names.
 *
 * @throws CliError if there are none
 */
export async function foundOptions(
  command: Command,
  io: Pick<CliIo, 'env' | 'interrupted'>,
  given?: readonly string[],
): Promise<ConnectionOptions> {
  const options = connectionOptions(command, io, given);
  const { endpoints, security } = options;
  const found = await serversOf(command, endpoints, io);
  if (!found) return options;
  return {
    ...options,
    endpoints: found.map(({ endpoint }) => endpoint),
    ...(security && { security: withServername(security, found) }),
  };
}

/** The servers that `--dns` finds; undefined without it. */
export async function serversOf(
  command: Command,
  endpoints: readonly string[],
  { interrupted }: Pick<CliIo, 'interrupted'>,
): Promise<readonly ServerTarget[] | undefined> {
  if (command.opts<ConnectionFlags>().dns !== true) return undefined;
  const { dnsEndpoints } = await import('../discovery/index.js');
  return foundServers(endpoints, interrupted, dnsEndpoints);
}

/**
 * With TLS, certificates are those of the name, not of the addresses that DNS has told.
 *
 * @throws UsageError if there are several names, and none is given for all
 */
export function withServername(
  security: FreelanceClientSecurity,
  servers: readonly ServerTarget[],
): FreelanceClientSecurity {
  if (security.mechanism !== 'tls' || security.servername !== undefined) return security;
  const names = [...new Set(servers.map(({ name }) => name))];
  const [servername] = names;
  if (names.length > 1)
    throw new UsageError(
      `--dns: with TLS, the servers of one name only: ${names.join(', ')} are several. Give them one by one, or the name of their certificates by --tls-servername`,
    );
  return servername === undefined ? security : { ...security, servername };
}

/** The endpoints that the command line names, as they are. */
export function namedEndpoints(command: Command, given: readonly string[] = []): readonly string[] {
  const { endpoint = [], endpoints = [] } = command.opts<ConnectionFlags>();
  return [...given, ...endpoint, ...endpoints];
}
