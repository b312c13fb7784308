import { Controller, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { firstValueFrom, NEVER, type Observable, range } from 'rxjs';
import { AtMostOnce, FreelanceContext } from 'nestjs-freelance';
import { FreelanceTestbed, type FreelanceTestbedOptions } from 'nestjs-freelance/testing';

/** What handlers and hooks did, in order, of all servers. */
export const seen: string[] = [];

let apps = 0;

/** A provider, new with each application. */
@Injectable()
export class Counter implements OnApplicationShutdown {
  readonly app = ++apps;
  count = 0;

  onApplicationShutdown(): void {
    seen.push('shutdown');
  }
}

@Controller()
export class Handlers {
  constructor(readonly counter: Counter) {}

  @MessagePattern('count')
  count(): number {
    return ++this.counter.count;
  }

  @MessagePattern('echo')
  echo(@Payload() data: unknown): unknown {
    seen.push(`echo ${JSON.stringify(data)}`);
    return data;
  }

  @AtMostOnce()
  @MessagePattern('charge')
  charge(@Payload() data: unknown): unknown {
    seen.push(`charge ${JSON.stringify(data)}`);
    return data;
  }

  @MessagePattern('never')
  never(@Ctx() context: FreelanceContext): Observable<never> {
    seen.push('never');
    context.signal.addEventListener('abort', () => seen.push('aborted'));
    return NEVER;
  }

  @MessagePattern('rows')
  rows(@Payload() count: number): Observable<number> {
    return range(count);
  }

  @MessagePattern('slowly')
  async *slowly(@Payload() gate: string): AsyncGenerator<string> {
    yield `first of ${gate}`;
    await opened(gate);
    yield `second of ${gate}`;
  }

  @MessagePattern('gated')
  async gated(@Payload() gate: string): Promise<string> {
    seen.push(`gated ${gate}`);
    await opened(gate);
    return gate;
  }

  @EventPattern('happened')
  happened(@Payload() data: unknown): void {
    seen.push(`happened ${JSON.stringify(data)}`);
  }
}

@Module({ controllers: [Handlers], providers: [Counter] })
export class BedModule {}

const gates = new Map<string, () => void>();

function opened(gate: string): Promise<void> {
  return new Promise((resolve) => gates.set(gate, resolve));
}

/** Lets the handlers go on that wait at that gate. */
export function openGate(gate: string): void {
  gates.get(gate)?.();
}

const beds: FreelanceTestbed[] = [];

/** A bed that `closeBeds` closes. */
export async function bedOf(
  options: Partial<FreelanceTestbedOptions> = {},
): Promise<FreelanceTestbed> {
  const bed = await FreelanceTestbed.create({ servers: 3, module: BedModule, ...options });
  beds.push(bed);
  return bed;
}

export async function closeBeds(): Promise<void> {
  for (const bed of beds.splice(0)) await bed.close();
  seen.length = 0;
}

export const statesOf = (bed: FreelanceTestbed): string[] =>
  Object.values(bed.client.stats().endpoints).map(({ state }) => state);

export const call = (bed: FreelanceTestbed, pattern: string, data: unknown): Promise<unknown> =>
  firstValueFrom(bed.client.send<unknown>(pattern, data));
