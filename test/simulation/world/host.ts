import type { SocketPort } from '../../../lib/sockets/socket-port.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ZmtpHeartbeats } from '../network/heartbeat-watch.js';
import type { Network } from '../network/network.js';
import type { Verdict } from '../rules/verdict.js';
import type { Timeline } from '../time/timeline.js';
import type { Trace } from '../trace.js';
import type { Process, ProcessObserver } from './process.js';

/** What every host stands on. */
export interface Ground {
  readonly timeline: Timeline;
  readonly network: Network;
  readonly ledger: Ledger;
  readonly verdict: Verdict;
  readonly trace: Trace;
  readonly observer: ProcessObserver;
  /** The sockets of a process; a scenario may have some that are worse than ZeroMQ's. */
  sockets(process: Process, heartbeats: ZmtpHeartbeats): SocketPort;
}

/** A machine that runs one process at a time: the next one is a new one. */
export interface Host {
  readonly name: string;
  /** Undefined while nothing runs there. */
  readonly process: Process | undefined;
  /** Whether it leaves in the midst of the next thing that it hears. */
  willResign: boolean;
  boot(): void;
  /** As by SIGKILL: nothing is said. */
  kill(): void;
  /** Closes, and exits. */
  leave(): void;
  /** Whether what it says of itself is what it does. */
  inspect(): void;
}
