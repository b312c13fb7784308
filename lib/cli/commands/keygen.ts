import { Command } from 'commander';
import { generateCurveKeyPair } from '../../nest/curve-key-pair.js';
import type { CliIo } from '../cli-io.js';
import { teach } from '../teach.js';

export function keygenCommand(io: CliIo): Command {
  const command = new Command('keygen')
    .summary('make a key pair for CURVE')
    .description(
      'Prints a new key pair for the option security of one client or server, with CURVE.',
    )
    .option('--json', 'print it as JSON, for programs')
    .action(({ json }: { json?: boolean }) => (json ? keysAsJson(io) : keysForPeople(io)));
  return teach(command, {
    examples: [
      ['keygen', 'a pair for people to copy'],
      ['keygen --json > client.json', 'a file that --curve-secret-key @client.json reads'],
    ],
  });
}

function keysAsJson({ out }: CliIo): void {
  const { publicKey, secretKey } = generateCurveKeyPair();
  out(`${JSON.stringify({ publicKey, secretKey })}\n`);
}

function keysForPeople({ out, err }: CliIo): void {
  const { publicKey, secretKey } = generateCurveKeyPair();
  out(`publicKey  ${publicKey}\nsecretKey  ${secretKey}\n`);
  // Not to standard output, so that a script gets only the keys.
  err('\nGive the public key to every peer that needs it. Keep the secret key secret.\n');
}
