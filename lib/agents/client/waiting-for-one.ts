import { WaitingLine } from '../../core/waiting-line.js';
import type { Call, Server } from './call.js';

/** Calls that wait for one server each: a line for each server, so that none waits behind a call for another one. */
export class WaitingForOne {
  readonly #lines = new Map<Server, WaitingLine<Call>>();

  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  /** For a call that joins it at once. */
  lineOf(link: Server): WaitingLine<Call> {
    let line = this.#lines.get(link);
    if (!line) this.#lines.set(link, (line = new WaitingLine()));
    return line;
  }

  /** Any of the servers may have become usable, or be so no more. */
  serveAll(serve: (call: Call) => boolean): void {
    for (const link of this.#lines.keys()) this.serve(link, serve);
  }

  /** @param serve returns whether that call waits no longer; if it does, so do those behind it */
  serve(link: Server, serve: (call: Call) => boolean): void {
    const line = this.#lines.get(link);
    if (!line) return;
    for (const call of line) if (!serve(call)) break;
    if (line.size === 0 && this.#lines.get(link) === line) this.#lines.delete(link);
  }
}
