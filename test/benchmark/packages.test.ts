import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

const nest = createRequire(createRequire(import.meta.url).resolve('@nestjs/microservices'));

/** npm may put what only the benchmark asks for into its own node_modules, where Nest does not look. */
test.each(['@nats-io/transport-node', 'ioredis', '@grpc/grpc-js', '@grpc/proto-loader'])(
  'Nest finds %s, whose transport the benchmark compares with',
  (name) => {
    expect(nest.resolve(name)).toContain('node_modules');
  },
);
