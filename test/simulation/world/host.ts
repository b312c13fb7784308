import type { SocketPort } from '../../../lib/sockets/socket-port.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ZmtpHeartbeats } from '../network/heartbeat-watch.js';
import type { Network } from '../network/network.js';
import type { Verdict } from '../rules/verdict.js';
import type { Timeline } from '../time/timeline.js';
import type { Trace } from '../trace.js';
import type { Process, ProcessObserver } from './process.js';

/** What every host needs. */
export interface Ground {
  readonly timeline: Timeline;
  readonly network: Network;
  readonly ledger: Ledger;
  readonly verdict: Verdict;
  readonly trace: Trace;
  readonly observer: ProcessObserver;
  /** The sockets of a process; some scenarios have worse ones than ZeroMQ's. */
  sockets(process: Process, heartbeats: ZmtpHeartbeats): SocketPort;
}

/** A machine that runs one process at a time, each of them a new one. */
export interface Host {
  readonly name: string;
  /** Undefined while no process runs there. */
  readonly process: Process | undefined;
  /** Whether the process closes while it handles the next thing that it hears. */
  willResign: boolean;
  boot(): void;
  /** As by SIGKILL: nothing is sent. */
  kill(): void;
  /** Closes, and exits. */
  leave(): void;
  /** Checks that its stats are true. */
  inspect(): void;
}
