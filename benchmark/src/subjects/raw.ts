import type { Observer } from 'rxjs';
import { Dealer, Router } from 'zeromq';
import { only, type Client } from './subject.js';

/**
 * zeromq.js alone, with the frames of PROTOCOL.md, without parsing or monitoring. The difference to a transport over
 * zeromq.js is what that transport costs.
 */
const EMPTY = Buffer.alloc(0);
const REQUEST = Buffer.from('REQUEST');
const REPLY = Buffer.from('REPLY');
const REPLY_HEADERS = Buffer.from(JSON.stringify({ status: 'last' }));

/** The transport's own settings: a send settles at once, so that two never overlap. */
const SETTLED_AT_ONCE = { sendTimeout: 0, sendHighWaterMark: 0 };

export async function serve(): Promise<string> {
  const router = new Router(SETTLED_AT_ONCE);
  await router.bind('tcp://127.0.0.1:*');
  void answer(router);
  return router.lastEndpoint ?? '';
}

async function answer(router: Router): Promise<never> {
  for (;;) {
    const [peer, , , id, body] = await router.receive();
    if (!peer || !id || !body) throw new Error('a request has six frames');
    await router.send([peer, EMPTY, REPLY, id, body, REPLY_HEADERS]);
  }
}

export function connect(servers: readonly string[]): Promise<Client> {
  return Promise.resolve(new RawClient(only(servers)));
}

interface OpenCall {
  readonly data: unknown;
  readonly size: number;
  readonly observer: Observer<unknown>;
}

class RawClient implements Client {
  readonly #dealer = new Dealer(SETTLED_AT_ONCE);
  readonly #calls = new Map<string, OpenCall>();
  readonly #headers = new Map<string, Buffer>();
  readonly #bodies = new Map<unknown, Buffer>();
  #lastId = 0;

  constructor(endpoint: string) {
    this.#dealer.connect(endpoint);
    void this.#receive();
  }

  call(pattern: string, data: unknown, observer: Observer<unknown>): void {
    const id = String(++this.#lastId);
    const body = this.#bodyOf(data);
    this.#calls.set(id, { data, size: body.length, observer });
    this.#dealer
      .send([EMPTY, REQUEST, Buffer.from(id), body, this.#headersOf(pattern)])
      .catch((error: unknown) => observer.error(error));
  }

  async #receive(): Promise<never> {
    for (;;) {
      const [, , id, body] = await this.#dealer.receive();
      if (!id || !body) throw new Error('a reply has five frames');
      this.#answered(id.toString(), body.length);
    }
  }

  #answered(id: string, size: number): void {
    const call = this.#calls.get(id);
    if (call === undefined) throw new Error(`an answer to the unknown call ${id}`);
    this.#calls.delete(id);
    if (call.size === size) {
      call.observer.next(call.data);
      call.observer.complete();
    } else {
      call.observer.error(new Error(`sent ${call.size} bytes, but got ${size} back`));
    }
  }

  /** Written once, since this subject does not measure JSON. */
  #bodyOf(data: unknown): Buffer {
    if (Buffer.isBuffer(data)) return data;
    let body = this.#bodies.get(data);
    if (body === undefined) this.#bodies.set(data, (body = Buffer.from(JSON.stringify(data))));
    return body;
  }

  #headersOf(pattern: string): Buffer {
    let headers = this.#headers.get(pattern);
    if (headers === undefined) {
      this.#headers.set(pattern, (headers = Buffer.from(JSON.stringify({ pattern }))));
    }
    return headers;
  }
}
