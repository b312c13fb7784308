import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { Observable } from 'rxjs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Child } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import { serve } from '../support/nest.js';

/** Longer than a server remembers a client of which it hears nothing, 10 s; less than ZeroMQ keeps its connection. */
const STANDSTILL_MS = 12_500;

let subscribers = 0;

@Controller()
class Feed {
  /** A value, and then nothing for as long as anyone listens. */
  @MessagePattern('feed')
  feed() {
    return new Observable<string>((subscriber) => {
      subscribers++;
      subscriber.next('first');
      return () => subscribers--;
    });
  }
}

test('a client that stood still hears that its stream was stopped, though nothing else was open', async () => {
  await using server = await serve([Feed]);
  await using client = Child.node('stream-reader', server.endpoints[0] ?? '', 'feed');
  expect(await client.nextLine()).toEqual({ value: 'first' });
  client.signal('SIGSTOP');
  await delay(STANDSTILL_MS);
  await eventually(() => expect(subscribers).toBe(0));
  client.signal('SIGCONT');
  expect(await client.nextLine()).toEqual({ end: 'STREAM_BROKEN' });
});
