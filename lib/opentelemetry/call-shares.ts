import type { Attributes } from '@opentelemetry/api';
import { callShares } from '../core/call-shares.js';
import type { ClientFigures } from '../telemetry/sources.js';
import { OTHER, PRIORITY, ZONE } from './conventions.js';

/** Which part of their calls the clients of one name send where: the mean of those that have a choice. */
export class CallShares {
  readonly #parts = new Map<string, { readonly attributes: Attributes; sum: number }>();
  #clients = 0;

  add({ zone: own, priorities = [] }: Pick<ClientFigures, 'zone' | 'priorities'>): void {
    if (priorities.length === 0) return;
    this.#clients++;
    for (const { priority, zone, share } of callShares(priorities, own)) {
      const level = { [PRIORITY]: priority === undefined ? OTHER : String(priority) };
      this.#addPart(zone === undefined ? level : { ...level, [ZONE]: zone }, share);
    }
  }

  *parts(): Generator<readonly [share: number, attributes: Attributes]> {
    for (const { attributes, sum } of this.#parts.values()) yield [sum / this.#clients, attributes];
  }

  #addPart(attributes: Attributes, share: number): void {
    const key = JSON.stringify(attributes);
    const part = this.#parts.get(key);
    if (part) part.sum += share;
    else this.#parts.set(key, { attributes, sum: share });
  }
}
