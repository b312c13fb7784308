import { Command, Option } from 'commander';
import type { ContractDocument, SchemaGap } from '../../contract/documents/contract-document.js';
import { asyncApi } from '../../contract/documents/async-api.js';
import { jsonSchemas } from '../../contract/documents/json-schema.js';
import { NO_SCHEMA } from '../../contract/documents/written-schema.js';
import { plainText } from '../../core/plain-text.js';
import type { CliIo } from '../cli-io.js';
import { loadContracts } from '../contract/load-contracts.js';
import { jsonOf } from '../call/show-value.js';
import { teach } from '../teach.js';
import { several } from '../values.js';

const FORMATS = { asyncapi: asyncApi, 'json-schema': jsonSchemas };

interface ContractFlags {
  readonly export?: readonly string[];
  readonly format: keyof typeof FORMATS;
}

export function contractCommand(io: CliIo): Command {
  const command = new Command('contract')
    .summary('print a contract as AsyncAPI or JSON Schema')
    .description('Prints the contracts that a file exports, as an AsyncAPI 3 document.')
    .argument('<file>', 'a JavaScript file, or a package such as @acme/contracts')
    .addOption(
      new Option('--export <name>', 'only this export; may be given several times').argParser(
        several,
      ),
    )
    .addOption(
      new Option('--format <name>', 'what to print')
        .choices(Object.keys(FORMATS))
        .default('asyncapi'),
    )
    .action((file: string, flags: ContractFlags) => print(io, file, flags));
  return teach(command, {
    notes: [
      'The file is run: what it does when it is imported, it does here. Payloads and results are described by their schemas,\nif those implement Standard JSON Schema: zod, ArkType, and valibot with @valibot/to-json-schema. Of the others, and of\nthose that are TypeScript types alone, the document says that they may be anything; standard error names them.',
    ],
    examples: [
      ['contract dist/contracts.js > asyncapi.json', 'all contracts of the file'],
      ['contract @acme/contracts --export orders', 'one of a package'],
      ['contract dist/contracts.js --format json-schema', 'the schemas alone'],
    ],
    exitCodes: {
      0: 'the document is printed',
      2: 'wrong flags or arguments, or no contract could be loaded: standard error says why',
    },
  });
}

async function print(io: CliIo, file: string, flags: ContractFlags): Promise<void> {
  const { contracts, version } = await loadContracts(file, io, { names: flags.export });
  if (io.interrupted.aborted) return;
  const { document, gaps }: ContractDocument = FORMATS[flags.format](contracts, { version });
  io.out(`${jsonOf(document, true)}\n`);
  for (const line of gapLines(gaps)) io.err(`${line}\n`);
}

/** One line for each schema that cannot be written, and one for all that there are none of: a whole contract may have none. */
function gapLines(gaps: readonly SchemaGap[]): readonly string[] {
  const missing = gaps.filter(({ reason }) => reason === NO_SCHEMA);
  const failed = gaps.filter(({ reason }) => reason !== NO_SCHEMA);
  const lines = failed.map(
    ({ entry, part, reason }) =>
      `${plainText(entry)}, ${part}: its schema cannot be written as JSON Schema: ${plainText(reason)}. ${ANYTHING}.`,
  );
  if (missing.length === 0) return lines;
  return [
    ...lines,
    `No schema: ${listed(missing)}. ${ANYTHING}, since types of TypeScript are gone at run time. What the options payload and result give a Standard Schema, such as one of zod, it describes.`,
  ];
}

const ANYTHING = 'The document says {} there, which is anything';

function listed(gaps: readonly SchemaGap[]): string {
  const parts = new Map<string, string[]>();
  for (const { entry, part } of gaps) parts.set(entry, [...(parts.get(entry) ?? []), part]);
  return Array.from(parts, ([entry, of]) => `${plainText(entry)} (${of.join(', ')})`).join(', ');
}
