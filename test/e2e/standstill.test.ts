import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { Observable } from 'rxjs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Child } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import { serve } from '../support/nest.js';

/** Longer than a server remembers a silent client, 10 s; shorter than ZeroMQ keeps its connection. */
const STANDSTILL_MS = 12_500;

let subscribers = 0;

@Controller()
class Feed {
  /** Yields one value, then nothing for as long as anyone listens. */
  @MessagePattern('feed')
  feed() {
    return new Observable<string>((subscriber) => {
      subscribers++;
      subscriber.next('first');
      return () => subscribers--;
    });
  }
}

test('a client that was stopped learns that its stream was ended, even if nothing else was open', async () => {
  await using server = await serve([Feed]);
  await using client = Child.node('stream-reader', server.endpoints[0] ?? '', 'feed');
  expect(await client.nextLine()).toEqual({ value: 'first' });
  client.signal('SIGSTOP');
  await delay(STANDSTILL_MS);
  await eventually(() => expect(subscribers).toBe(0));
  client.signal('SIGCONT');
  expect(await client.nextLine()).toEqual({ end: 'STREAM_BROKEN' });
});
