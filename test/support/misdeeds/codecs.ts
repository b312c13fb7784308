import { Controller } from '@nestjs/common';
import { MessagePattern, RpcException } from '@nestjs/microservices';
import type { FreelanceServerOptions } from 'nestjs-freelance';
import { of } from 'rxjs';
import type { Careless, Way } from './careless.js';
import { ANSWER } from './handlers.js';
import type { Place } from './place.js';
import type { World } from './world.js';

type Codec = (careless: Careless) => Pick<FreelanceServerOptions, 'serializer' | 'deserializer'>;

/** The first packet that it gets belongs to the affected call. */
const serializer: Codec = (careless) => ({
  serializer: { serialize: (packet: unknown) => careless.run(packet) },
});

const deserializer: Codec = (careless) => ({
  deserializer: { deserialize: (packet: unknown) => careless.run(packet) as never },
});

const refusing = () => {
  throw new RpcException('no');
};

const emit = ({ client }: World) => client.emit('careless event', 'data');

async function* one() {
  yield 'done';
}

/** The server does not close here: the call may be too late for that. */
const AT_CLIENT: Partial<Record<Way, string>> = {
  throws: 'Error careless',
  rejects: 'Error careless',
  'rejects later': 'Error CANCELLED',
  'never settles': 'Error CANCELLED',
  'takes long': 'done',
  'closes the client': 'Error CLOSED',
  calls: 'done',
  unsubscribes: 'left',
};

const AT_SERVER: Partial<Record<Way, string>> = ANSWER;

const ACCEPTED = Object.fromEntries(Object.keys(ANSWER).map((way) => [way, 'undefined']));

/** Serializers and deserializers of clients. */
export const CLIENT_CODECS: Record<string, Place> = {
  'the serializer of a client': { client: serializer, gets: AT_CLIENT },
  'the serializer of a client, for an event': {
    client: serializer,
    call: emit,
    gets: {
      throws: 'Error careless',
      rejects: 'Error careless',
      'takes long': 'undefined',
      'closes the client': 'Error CLOSED',
      calls: 'undefined',
    },
  },
  'the deserializer of a client': {
    client: deserializer,
    gets: { ...AT_CLIENT, 'closes the server': 'done' },
  },
  'the deserializer of a client, for the first of several values': {
    handler: () => of('done', 2),
    client: deserializer,
    gets: {
      ...AT_CLIENT,
      'takes long': 'done, 2',
      'closes the server': 'done, 2',
      calls: 'done, 2',
    },
  },
  'the deserializer of a client, for an error': {
    handler: refusing,
    client: deserializer,
    gets: {
      ...AT_CLIENT,
      'takes long': 'Error no',
      'closes the server': 'Error no',
      calls: 'Error no',
    },
  },
};

/** Serializers and deserializers of servers. */
export const SERVER_CODECS: Record<string, Place> = {
  'the deserializer of a server': {
    server: deserializer,
    gets: AT_SERVER,
    holds: ['never settles'],
  },
  'the deserializer of a server, for an event': {
    server: deserializer,
    call: emit,
    gets: { ...ACCEPTED, 'closes the client': 'Error CLOSED', unsubscribes: 'left' },
    holds: ['never settles'],
  },
  'the serializer of a server': {
    server: serializer,
    gets: AT_SERVER,
    holds: ['never settles'],
  },
  'the serializer of a server, for an Observable': {
    handler: () => of('done'),
    server: serializer,
    gets: AT_SERVER,
    holds: ['never settles'],
  },
  'the serializer of a server, for a generator': {
    handler: one,
    server: serializer,
    gets: AT_SERVER,
    holds: ['never settles'],
  },
  'the serializer of a server, for an error': {
    handler: refusing,
    server: serializer,
    gets: {
      ...AT_SERVER,
      'takes long': 'Error no',
      'closes the server': 'Error no',
      calls: 'Error no',
    },
    holds: ['never settles'],
  },
};

/** The first client that connects triggers the readiness check, whose result is valid for a second. */
export const READINESS: Record<string, Place> = {
  'a readiness check': {
    controllers(careless) {
      @Controller()
      class ReadinessController {
        @MessagePattern('PING')
        isReady() {
          return careless.run(true);
        }
      }
      return [ReadinessController];
    },
    clients: { heartbeatInterval: 50 },
    gets: {
      throws: 'done',
      rejects: 'done',
      'rejects later': 'done',
      'never settles': 'done',
      'takes long': 'done',
      calls: 'done',
    },
  },
};
