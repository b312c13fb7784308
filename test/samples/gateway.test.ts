import { ContractError } from 'nestjs-freelance/contract';
import { type StubServer, stubServer } from 'nestjs-freelance/testing';
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { orders } from '../../sample/06-gateway/src/contracts.js';
import { openGateway } from '../../sample/06-gateway/src/gateway.js';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('the gateway of sample/06-gateway', () => {
  /** What was left of the deadline of the latest call when it arrived, in ms. */
  let left: number | undefined;
  let stub: StubServer<typeof orders>;
  let gateway: Awaited<ReturnType<typeof openGateway>>;

  beforeEach(async () => {
    stub = await stubServer(orders, {
      place: ({ item, count }, ctx) => {
        const deadline = ctx.getDeadline();
        left = deadline === undefined ? undefined : deadline - Date.now();
        return { item, count, trace: 'none' };
      },
    });
    gateway = await openGateway(stub.endpoints);
  });

  afterEach(async () => {
    await gateway.close();
    await stub.close();
  });

  function order(headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${gateway.url}/orders`, {
      method: 'POST',
      headers: { ...JSON_TYPE, ...headers },
      body: JSON.stringify({ item: 'book' }),
    });
  }

  test.each([
    ['6000', 6000],
    ['3600000', 10_000],
    ['0', 10_000],
    ['soon', 10_000],
  ])('gives a call the deadline of its request: %s ms are at most %i', async (asked, most) => {
    const { status } = await order({ 'x-envoy-expected-rq-timeout-ms': asked });
    expect(status).toBe(201);
    expect(left).toBeLessThanOrEqual(most);
  });

  test('passes a trace on', async () => {
    await order({ traceparent: TRACEPARENT, tracestate: 'a=1' });
    expect(stub.calls[0]?.metadata).toEqual({ traceparent: TRACEPARENT, tracestate: 'a=1' });
  });

  test.each([
    ['that is malformed', { traceparent: 'mine', tracestate: 'a=1' }, {}],
    [
      'with its state, if that is too long',
      { traceparent: TRACEPARENT, tracestate: 'a'.repeat(513) },
      { traceparent: TRACEPARENT },
    ],
  ])('does not pass on a trace %s', async (_, headers, metadata) => {
    await order(headers);
    expect(stub.calls[0]?.metadata).toEqual(metadata);
  });

  test('cancels the call of a client that leaves', async () => {
    // `fetch` would keep a connection open for four seconds more.
    const client = request(`${gateway.url}/orders`, { method: 'POST', headers: JSON_TYPE });
    client.on('error', () => undefined);
    const msLeft = new Promise<number>((resolve) => {
      stub.answer('place', (_, ctx) => {
        const deadline = ctx.getDeadline() ?? Infinity;
        ctx.signal.addEventListener('abort', () => resolve(deadline - Date.now()));
        client.destroy();
        return new Promise(() => undefined);
      });
    });
    client.end(JSON.stringify({ item: 'book' }));
    expect(await msLeft).toBeGreaterThan(0);
  });

  test('refuses a request without a body', async () => {
    const response = await fetch(`${gateway.url}/orders`, { method: 'POST' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ issues: [{ path: ['item'] }] });
  });

  test('does not blame the client for what the orders have sent to another service', async () => {
    stub.answer('place', () => {
      throw new ContractError({
        status: 'error',
        message: 'workshop.make: the payload is invalid',
        code: 'INVALID_PAYLOAD',
        contract: 'workshop',
        entry: 'make',
        issues: [],
      });
    });
    expect((await order()).status).toBe(500);
  });
});
