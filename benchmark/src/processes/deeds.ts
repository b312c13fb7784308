import type { BrokerName } from '../brokers/registry.js';
import type { Counts } from '../load/tally.js';
import type { SubjectName } from '../subjects/registry.js';
import type { Memory } from './memory.js';
import type { Usage } from './usage.js';

/** What a process of the benchmark does at its parent's request, by name. */
export type Deeds<T> = { [Name in keyof T]: (input: never) => unknown };

/** What both the client's and the server's process do. */
export interface MeteredDeeds {
  /** Starts counting. */
  mark(): void;
  /** Resident memory in bytes while the process is idle. */
  rest(): number;
}

export interface ServerDeeds extends MeteredDeeds {
  /** Starts this many servers; returns where clients find them. */
  serve(input: { subject: SubjectName; broker: string; servers: number }): Promise<string[]>;
  read(): Usage;
  /** Collects garbage first. */
  memory(): Promise<Memory>;
}

export interface ClientDeeds extends MeteredDeeds {
  /** Loads what the subject needs, which takes most of the time until it is connected. */
  load(input: { subject: SubjectName }): Promise<void>;
  /** Connects this many clients, each to all of the servers. */
  connect(input: {
    subject: SubjectName;
    servers: readonly string[];
    clients: number;
  }): Promise<void>;
  /** Starts the load of a cell. */
  begin(input: { scenario: string; cell: string }): void;
  /** Waits for the first value if none has arrived yet. */
  read(): Promise<{ usage: Usage; counts: Counts }>;
  /** Ends the load; resolves once the last operation has ended. */
  end(): Promise<void>;
}

export interface BrokerDeeds {
  /** Starts a broker; returns its address once it listens. */
  start(input: { broker: BrokerName }): Promise<string>;
}
