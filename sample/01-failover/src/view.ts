import type { Line } from './line.js';
import type { Run } from './run.js';

/** Shows a run while it happens. */
export interface View {
  /** Called several times a second. */
  show(run: Run): void;
  /** Shows what is still to be shown, and gives the terminal back. */
  close(run: Run): void;
  /** Writes lines, after `close`. */
  print(lines: readonly Line[]): void;
}
