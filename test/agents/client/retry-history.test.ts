import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { RetryHistory } from '../../../lib/agents/client/retry-history.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const connect = () => ({ isOver: false, namesCalls: true });

test('a call that a server has refused may go there over its next connection', () => {
  const history = new RetryHistory();
  const connection = connect();
  history.refusedOver(connection);
  expect(history.cannotGoTo({ endpoint: 'a', connection })).toBe(true);
  expect(history.cannotGoTo({ endpoint: 'a', connection: connect() })).toBe(false);
  expect(history.cannotGoTo({ endpoint: 'a', connection: undefined })).toBe(false);
});

test('the second round asks servers that refused, but not over a connection that did not deliver', () => {
  const history = new RetryHistory();
  const refusing = { endpoint: 'a', connection: connect() };
  const broken = { endpoint: 'b', connection: connect() };
  history.refusedOver(refusing.connection);
  history.undeliveredBy(broken.connection);
  expect([history.wasRefusedBy(refusing), history.wasRefusedBy(broken)]).toEqual([true, false]);
  history.forgetRefusals();
  expect([history.cannotGoTo(refusing), history.cannotGoTo(broken)]).toEqual([false, true]);
  expect(history.isChoosy).toBe(true);
});

test('an open call keeps no connection in memory that refused or did not deliver it', async () => {
  const history = new RetryHistory();
  const remember = (how: 'refusedOver' | 'undeliveredBy') => {
    const connection = connect();
    history[how](connection);
    return new WeakRef(connection);
  };
  const connections = [remember('refusedOver'), remember('undeliveredBy')];
  // A WeakRef keeps its target until the current turn is over.
  await new Promise(setImmediate);
  collectGarbage();
  expect(connections.map((connection) => connection.deref())).toEqual([undefined, undefined]);
  expect(history.isChoosy).toBe(true);
});
