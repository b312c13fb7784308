export interface Broker {
  readonly command: string;
  /** Listens at that port of 127.0.0.1 only, and stores nothing. */
  readonly argsFor: (port: string) => readonly string[];
  /** How to install it. */
  readonly install: string;
}

const entries = {
  nats: {
    command: 'nats-server',
    argsFor: (port) => ['--addr', '127.0.0.1', '--port', port],
    install: 'apt-get install nats-server',
  },
  redis: {
    command: 'redis-server',
    argsFor: (port) => ['--bind', '127.0.0.1', '--port', port, '--save', '', '--appendonly', 'no'],
    install: 'apt-get install redis-server',
  },
} satisfies Record<string, Broker>;

export type BrokerName = keyof typeof entries;

export const BROKERS: Readonly<Record<BrokerName, Broker>> = entries;

/** Debian installs brokers in a directory that only root's PATH contains. */
export const BROKER_ENV = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };
