#!/usr/bin/env node
import { generateCurveKeyPair } from '../nest/curve-key-pair.js';

const USAGE = `Usage: nestjs-freelance keygen [--json]

  keygen   prints a new key pair for the option security of one client or server
  --json   prints it as JSON, for programs
`;

const [command, ...flags] = process.argv.slice(2);

if (command === 'keygen' && flags.every((flag) => flag === '--json')) {
  const { publicKey, secretKey } = generateCurveKeyPair();
  if (flags.length > 0) {
    console.log(JSON.stringify({ publicKey, secretKey }));
  } else {
    console.log(`publicKey  ${publicKey}\nsecretKey  ${secretKey}`);
    // Not among what a script reads.
    console.error(
      '\nGive the public key to whom it concerns. Nobody else may ever see the secret key.',
    );
  }
} else {
  const wantsHelp = command === '--help' || command === '-h';
  (wantsHelp ? process.stdout : process.stderr).write(USAGE);
  process.exitCode = wantsHelp ? 0 : 1;
}
