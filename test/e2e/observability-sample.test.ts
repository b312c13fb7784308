import { beforeAll, describe, expect, test } from 'vitest';
import { runSample } from '../support/sample.js';

let said: string;

// Five processes, each with an SDK.
beforeAll(async () => {
  said = await runSample('03-observability');
}, 300_000);

/** The line that contains all of these. */
function line(...parts: string[]): string {
  const found = said.split('\n').find((text) => parts.every((part) => text.includes(part)));
  return found ?? `no line with ${parts.join(', ')} in:\n${said}`;
}

function depthOf(text: string): number {
  return text.search(/[^ │├└]/);
}

describe('sample/03-observability shows an order whose server was killed', () => {
  test('the caller gets its answer', () => {
    expect(said).toMatch(/^stock-[12] was killed/);
    expect(line('The gateway answers 201')).toMatch(/"reservedBy":"stock-[12]"/);
  });

  test('the trace leads from the gateway through both attempts to the server that answered', () => {
    const root = line('POST', 'gateway, server');
    const lost = line('Attempt.stock.reserve', 'failed');
    const reserved = line('stock.reserve', 'stock-', 'server');
    expect(depthOf(root)).toBe(0);
    expect(depthOf(lost)).toBeGreaterThan(depthOf(line('orders.place', 'orders, server')));
    expect(depthOf(reserved)).toBeGreaterThan(depthOf(lost));
  });

  test('the metrics count the call once, its retry, and the server that is gone', () => {
    expect(line('freelance_client_calls_total', 'pattern="stock.reserve"')).toMatch(/ 1$/);
    expect(line('freelance_client_retries_total', 'pattern="stock.reserve"')).toMatch(/ 1$/);
    expect(line('freelance_client_servers', 'state="dead"')).toMatch(/ 1$/);
    expect(line('freelance_server_calls_total', 'pattern="orders.place"')).toMatch(/ 1$/);
  });

  test('the orders are healthy, since one server of the stock is left', () => {
    expect(line('Health: 200 ok')).toMatch(/dead, alive|alive, dead/);
  });
});
