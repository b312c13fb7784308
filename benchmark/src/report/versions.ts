import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { version as libzmq } from 'zeromq';
import { versionOf as versionOfBroker } from '../brokers/version.js';

/** By the name of the package or program. */
export type Versions = Readonly<Record<string, string>>;

const PACKAGES = [
  'nestjs-freelance',
  '@nestjs/microservices',
  'zeromq',
  '@nats-io/transport-node',
  'ioredis',
  '@grpc/grpc-js',
];

export function theseVersions(): Versions {
  return {
    node: process.versions.node,
    ...Object.fromEntries(PACKAGES.map((name) => [name, versionOfPackage(name)])),
    libzmq,
    'nats-server': versionOfBroker('nats') ?? 'missing',
    'redis-server': versionOfBroker('redis') ?? 'missing',
  };
}

/** Reads the file, since not every package exports its package.json. */
function versionOfPackage(name: string): string {
  let folder = dirname(createRequire(import.meta.url).resolve(name));
  for (;;) {
    const manifest = read(join(folder, 'package.json'));
    if (manifest?.name === name && manifest.version !== undefined) return manifest.version;
    if (folder === dirname(folder)) throw new Error(`${name} has no version`);
    folder = dirname(folder);
  }
}

function read(path: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string };
  } catch {
    return undefined;
  }
}
