import type { MessageHandler } from '@nestjs/microservices';
import { expect, test } from 'vitest';
import { HandlerLookup } from '../../lib/nest/server/handler-lookup.js';

const handler: MessageHandler = () => Promise.resolve();

test('asks Nest once for each pattern that has a handler', () => {
  const asked: string[] = [];
  const lookup = new HandlerLookup((pattern) => {
    asked.push(pattern);
    return pattern === 'known' ? handler : null;
  });
  expect(lookup.find('known')).toBe(handler);
  expect(lookup.find('known')).toBe(handler);
  expect(lookup.find('unknown')).toBeUndefined();
  expect(lookup.find('unknown')).toBeUndefined();
  expect(asked).toEqual(['known', 'unknown', 'unknown']);
});

test('remembers no more than a bounded number of the patterns that clients think up', () => {
  let asked = 0;
  const lookup = new HandlerLookup(() => {
    asked++;
    return handler;
  });
  for (let i = 0; i < 5000; i++) lookup.find(`{"a":${i}}`);
  for (let i = 0; i < 5000; i++) lookup.find(`{"a":${i}}`);
  expect(asked).toBe(9000);
});
