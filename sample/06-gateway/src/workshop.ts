import { Controller, type DynamicModule, Inject, Module } from '@nestjs/common';
import type { FreelanceContext } from 'nestjs-freelance';
import { Implements } from 'nestjs-freelance/contract';
import { setTimeout as delay } from 'node:timers/promises';
import { type Product, workshop } from './contracts.js';

/** Called with what the workshop does. */
export type Watch = (what: string) => void;

const WATCH = Symbol('WATCH');

/** How long art takes, in ms. */
const ART_MS = 60_000;

const ART: ReadonlySet<string> = new Set(['portrait', 'statue']);

@Controller()
@Implements(workshop)
class WorkshopController {
  constructor(@Inject(WATCH) private readonly watch: Watch) {}

  async make(item: string, ctx: FreelanceContext): Promise<Product> {
    this.watch(`begins the ${item}`);
    try {
      await delay(ART.has(item) ? ART_MS : 0, undefined, { signal: ctx.signal });
    } catch {
      // Nobody waits for it any more, and nobody gets what follows.
      this.watch(`stops the ${item}`);
    }
    return { item, trace: ctx.getMetadata()['traceparent'] ?? 'none' };
  }
}

@Module({})
export class WorkshopModule {
  static of(watch: Watch): DynamicModule {
    return {
      module: WorkshopModule,
      controllers: [WorkshopController],
      providers: [{ provide: WATCH, useValue: watch }],
    };
  }
}
