import { EventEmitter, once } from 'node:events';
import { openGateway } from './gateway.js';
import { OrdersModule } from './orders.js';
import { serve } from './serve.js';
import { WorkshopModule } from './workshop.js';

/** @param say called with a line for each event */
export async function run(say: (line: string) => void): Promise<void> {
  const watched = new EventEmitter();
  const workshop = await serve(WorkshopModule.of((what) => watched.emit(what)));
  const shop = await serve(OrdersModule.of(workshop.endpoints));
  const gateway = await openGateway(shop.endpoints);
  const order = (body: object, headers = {}, signal: AbortSignal | null = null) =>
    fetch(`${gateway.url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal,
    });
  const answerTo = async (...request: Parameters<typeof order>) => {
    const response = await order(...request);
    return `${response.status} ${await response.text()}`;
  };

  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  say(`a book, with a trace: ${await answerTo({ item: 'book' }, { traceparent })}`);
  say(`minus one book: ${await answerTo({ item: 'book', count: -1 })}`);
  say(`a yacht: ${await answerTo({ item: 'yacht' })}`);
  const within = { 'x-envoy-expected-rq-timeout-ms': '200' };
  say(`a statue within 200 ms: ${await answerTo({ item: 'statue' }, within)}`);

  const [begun, stopped] = [
    once(watched, 'begins the portrait'),
    once(watched, 'stops the portrait'),
  ];
  const client = new AbortController();
  const left = order({ item: 'portrait' }, {}, client.signal).catch(() => 'left');
  await begun;
  client.abort();
  await Promise.all([left, stopped]);
  say('a portrait, whose client leaves: the workshop has stopped');

  await workshop.close();
  say(`a book, while the workshop is closed: ${await answerTo({ item: 'book' })}`);
  await gateway.close();
  await shop.close();
}
