import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { Admissions } from '../../lib/security/admissions.js';
import { readSeal, seal, secretOf, type Seal } from '../../lib/security/seal.js';

/** As many names as are remembered. */
const MOST_NAMES = 65_536;

const peer = (userId: string, address = '') => ({ publicKey: undefined, userId, address });

function claimOf(name: string, password: string): Seal {
  const claim = readSeal(Buffer.from(seal('plain', name, randomBytes(16), secretOf(password))));
  if (!claim) throw new Error('it is a seal');
  return claim;
}

function admissions(...names: string[]) {
  const all = new Admissions();
  const add = (name: string, address = '') => all.add(name, peer(name, address), SECRET);
  for (const name of names) add(name);
  return { add, claim: (name: string, password = 'hers') => all.claim(claimOf(name, password)) };
}

const SECRET = secretOf('hers');

test('a connection has the address of the latest admission of its name', () => {
  const { add, claim } = admissions();
  add('alice', '10.0.0.1');
  add('alice', '10.0.0.2');
  expect(claim('alice')).toEqual(peer('alice', '10.0.0.2'));
});

test('ten wrong guesses void one admission, and no more', () => {
  const { claim } = admissions('alice', 'alice', 'alice');
  for (let guess = 0; guess < 19; guess++) expect(claim('alice', 'wrong')).toBeUndefined();
  expect(claim('alice')).toBeDefined();
  expect(claim('alice')).toBeDefined();
  expect(claim('alice')).toBeUndefined();
});

test('the names admitted longest ago make room for others', () => {
  const { add, claim } = admissions('alice', 'bob');
  for (let other = 2; other < MOST_NAMES; other++) add(`other ${other}`);
  // There is no room left, and she comes again.
  add('alice');
  add('one more');
  expect(claim('bob')).toBeUndefined();
  expect(claim('alice')).toBeDefined();
  expect(claim('other 2')).toBeDefined();
  expect(claim('one more')).toBeDefined();
});
