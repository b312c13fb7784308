import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { type FreelanceServerOptions, FreelanceTransportServer } from 'nestjs-freelance';
import { subscribe } from 'node:diagnostics_channel';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { interval, Observable } from 'rxjs';
import type { Router } from 'zeromq';
import { heapInUse } from '../judge/memory.js';
import { ExecutionWriter } from './executions.js';
import type { Count, Order, ServerFacts, Task, WorkDone } from './messages.js';

/** Arguments: its id, the directory for its executions, and its options as JSON. */
const [serverId = '', notes = '', options = '{}'] = process.argv.slice(2);

const executions = new ExecutionWriter(notes);
const connectedAt: number[] = [];
let openHandlers = 0;

@Controller()
class WorkController {
  @MessagePattern('work')
  async work(@Payload() { id, ms }: Task): Promise<WorkDone> {
    executions.note(id);
    openHandlers++;
    await delay(ms);
    openHandlers--;
    return { id, serverId };
  }

  @MessagePattern('count')
  async *count(@Payload() { id, ms, values }: Count) {
    executions.note(id);
    for (let n = 0; n < values; n++) {
      await delay(ms);
      yield n;
    }
  }

  /** Both streams continue until nobody reads them any more. */
  @MessagePattern('iterable')
  async *iterable(@Payload() { ms }: Task) {
    openHandlers++;
    try {
      for (let n = 0; ; n++) {
        yield n;
        await delay(ms);
      }
    } finally {
      openHandlers--;
    }
  }

  @MessagePattern('observable')
  observable(@Payload() { ms }: Task) {
    return new Observable<number>((subscriber) => {
      openHandlers++;
      subscriber.add(() => openHandlers--);
      subscriber.add(interval(ms).subscribe(subscriber));
    });
  }
}

@Module({ controllers: [WorkController] })
class WorkModule {}

const strategy = new FreelanceTransportServer({
  ...(JSON.parse(options) as FreelanceServerOptions),
  serverId,
});

function obey(order: Order): unknown {
  switch (order.order) {
    case 'block':
      return block(order.ms);
    case 'unready':
      return strategy.setReady(false);
    case 'facts':
      return facts();
  }
}

/** Blocks the event loop: no heartbeat is answered meanwhile. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

function facts(): ServerFacts {
  const { running, queued, refused } = strategy.stats();
  return {
    openHandlers,
    running,
    queued,
    refused: refused.busy ?? 0,
    heap: heapInUse(),
    connectedAt,
  };
}

function say(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line ?? null)}\n`);
}

const app = await NestFactory.createMicroservice(WorkModule, { strategy, logger: ['error'] });
// Before anyone can connect.
const connected = () => connectedAt.push(Date.now());
subscribe('net.server.socket', connected);
strategy.on('listening', () => {
  const socket = strategy.unwrap<object>();
  if ('events' in socket) (socket as Router).events.on('accept', connected);
});
await app.listen();
app.enableShutdownHooks();
createInterface(process.stdin)
  .on('line', (line) => say(obey(JSON.parse(line) as Order)))
  // A safety net in case the command dies.
  .on('close', () => process.exit());
say(strategy.endpoints);
