import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

const nest = createRequire(createRequire(import.meta.url).resolve('@nestjs/microservices'));

/** npm may install the benchmark's own dependencies in its own node_modules, where Nest does not look. */
test.each(['@nats-io/transport-node', 'ioredis', '@grpc/grpc-js', '@grpc/proto-loader'])(
  'Nest finds %s, whose transport is compared',
  (name) => {
    expect(nest.resolve(name)).toContain('node_modules');
  },
);
