/** What Nest asks for only where it is used: nothing here uses it, and nobody has it. */
export const optionalOfNest = [
  '@grpc/grpc-js',
  '@grpc/proto-loader',
  '@nestjs/platform-express',
  '@nestjs/websockets',
  '@nestjs/websockets/socket-module.js',
  'amqp-connection-manager',
  'amqplib',
  'class-transformer',
  'class-transformer/storage.js',
  'class-transformer/storage',
  'class-validator',
  'ioredis',
  'kafkajs',
  'mqtt',
  'nats',
  '@nats-io/transport-node',
];

/** The engine `libzmq` is a native addon: no bundle holds it, and without that engine nobody needs it. */
export const native = ['zeromq'];
