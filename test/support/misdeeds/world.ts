import { Controller, type Type } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern } from '@nestjs/microservices';
import {
  type FreelanceClientProxy,
  FreelanceContext,
  type FreelanceRecord,
  FreelanceRecordBuilder,
} from 'nestjs-freelance';
import { firstValueFrom, type Observable, Subject, takeUntil, tap } from 'rxjs';
import { expect } from 'vitest';
import { eventually } from '../eventually.js';
import { connectTo, type Served, serve } from '../nest.js';
import { uncaught } from '../uncaught.js';
import { Careless, CARELESS, type Way } from './careless.js';
import type { Place } from './place.js';

/** Long enough for every immediate answer, and a bound for calls without one. */
const DRAIN_MS = 200;

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(data: unknown) {
    return data;
  }
}

function controllerOf({ handler = () => 'done', decorate }: Place, careless: Careless): Type {
  @Controller()
  class CarelessController {
    @MessagePattern(CARELESS)
    call(@Ctx() context: FreelanceContext) {
      return handler(careless, context);
    }

    @EventPattern('careless event')
    event(@Ctx() context: FreelanceContext) {
      return handler(careless, context);
    }
  }
  decorate?.(careless, CarelessController);
  return CarelessController;
}

/** A server, the client of the affected call, and another client. */
export class World {
  readonly #leaving = new AbortController();

  constructor(
    readonly server: Served,
    readonly client: FreelanceClientProxy,
    readonly neighbour: FreelanceClientProxy,
  ) {}

  /** The data of the affected call, which `leave` can end. */
  record(data: unknown = CARELESS): FreelanceRecord {
    return new FreelanceRecordBuilder(data).setSignal(this.#leaving.signal).build();
  }

  send(data?: unknown): Observable<unknown> {
    return this.client.send<unknown>(CARELESS, this.record(data));
  }

  /** Ends the affected call. */
  leave(): void {
    this.#leaving.abort();
  }

  /** Resolves when the affected call is ended in this way. */
  whenLeft(listener: () => void): void {
    this.#leaving.signal.addEventListener('abort', listener);
  }

  /** The server leaves and listens again, usually at another address, which the clients are told. */
  async restart(listening: () => unknown = () => {}): Promise<void> {
    const { strategy, endpoints } = this.server;
    await strategy.close();
    await new Promise<void>((resolve, reject) => {
      strategy.listen((error?: unknown) => {
        if (error) reject(error);
        else resolve();
        return listening();
      });
    });
    // The system may have assigned the same port again.
    const left = endpoints.filter((endpoint) => !strategy.endpoints.includes(endpoint));
    for (const client of [this.client, this.neighbour]) {
      for (const endpoint of strategy.endpoints) client.addEndpoint(endpoint);
      for (const endpoint of left) client.removeEndpoint(endpoint);
    }
  }

  echo(client = this.client): Promise<unknown> {
    return firstValueFrom(client.send<unknown>('echo', 'echo'));
  }

  async expectService(): Promise<void> {
    const answers = await Promise.all([this.echo(), this.echo(this.neighbour)]);
    expect(answers).toEqual(['echo', 'echo']);
  }

  close(): void {
    this.client.close();
    this.neighbour.close();
  }
}

/**
 * The outcome of a call in words: its values, then `Error` and the error's code or message if it failed, or `left` if its
 * caller unsubscribed.
 */
class Watched {
  readonly outcome: Promise<string>;

  constructor(values: Observable<unknown>, left: Observable<void>) {
    const heard: string[] = [];
    left.subscribe(() => heard.push('left'));
    this.outcome = new Promise((resolve) => {
      values.pipe(takeUntil(left)).subscribe({
        next: (value) => heard.push(String(value)),
        complete: () => resolve(heard.join(', ')),
        error: (error: unknown) => resolve([...heard, `Error ${nameOf(error)}`].join(', ')),
      });
    });
  }
}

function nameOf(error: unknown): string {
  const { code, message } = Object(error) as { code?: string; message?: string };
  return code ?? message ?? String(error);
}

/** Runs the misdeed at that place, and returns the outcome of its call and all uncaught errors. */
export async function tryOut(
  place: Place,
  way: Way,
): Promise<{ gets: string; uncaught: unknown[] }> {
  const careless = new Careless(way);
  let gets = '';
  const errors = await uncaught(async () => {
    const more = place.controllers?.(careless) ?? [];
    const controllers = [EchoController, controllerOf(place, careless), ...more];
    const options = { drainTimeout: DRAIN_MS, ...place.server?.(careless) };
    await using server = await serve(controllers, options);
    using client = connectTo(server.endpoints, {
      ...place.clients,
      ...place.client?.(careless),
    });
    using neighbour = connectTo(server.endpoints, place.clients);
    gets = await outcomeIn(new World(server, client, neighbour), place, careless);
  });
  return { gets, uncaught: errors };
}

async function outcomeIn(world: World, place: Place, careless: Careless): Promise<string> {
  const { way } = careless;
  const left = new Subject<void>();
  careless.within = {
    closeServer: () => world.server.strategy.close(),
    closeClient: () => world.client.close(),
    call: () => world.echo(),
    unsubscribe: () => left.next(),
  };
  await place.prepare?.(careless, world);
  await world.neighbour.connect();
  const values = place.call?.(world, careless) ?? world.send();
  const { outcome } = new Watched(values.pipe(tap(careless.hasBeenHeard)), left);
  await Promise.race([careless.struck, outcome]);
  // Some code runs when its call has ended.
  await eventually(() => expect(careless.hasStruck, 'the code has run').toBe(true));
  const isServed = way !== 'closes the server';
  if (place.isGate) expect(await world.echo(world.neighbour)).toBe('echo');
  else if (isServed) await world.expectService();
  if (way === 'takes long') careless.release();
  if (LEAVES.has(way) || place.hangs?.includes(way)) world.leave();
  const gets = await outcome;
  careless.release();
  if (careless.answer) expect(await careless.answer).toBe('echo');
  if (isServed) await world.expectService();
  await expectIdle(world, place.holds?.includes(way) ? 1 : 0);
  return gets;
}

/** Ways after which the call ends only when its caller leaves. */
const LEAVES = new Set<Way>(['never settles', 'rejects later']);

async function expectIdle({ server, client, neighbour }: World, held: number): Promise<void> {
  await eventually(() => {
    expect(client.stats().pending).toBe(0);
    expect(neighbour.stats().pending).toBe(0);
    const { running, queued } = server.strategy.stats();
    expect(queued).toBe(0);
    // A handler that never settles loses its place, too, where that is bounded.
    expect(running).toBeLessThanOrEqual(held);
  });
}
