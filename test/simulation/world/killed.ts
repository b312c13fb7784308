import type { Ground } from './host.js';
import type { Process } from './process.js';

/** As by SIGKILL: the process sends nothing more, the network closes its connections, and its calls have ended. */
export function killed(process: Process, { network, ledger }: Ground): void {
  process.kill();
  network.died(process);
  ledger.died(process);
}
