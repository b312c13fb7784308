import { expect, test } from 'vitest';
import { Guests } from '../../lib/security/guests.js';

/** As many as are remembered to have been turned away. */
const MOST_DENIED = 16_384;

const peer = (userId: string) => ({ publicKey: undefined, userId, address: '' });

test('an ended connection is known until the next client connects', () => {
  const guests = new Guests();
  guests.welcome('hers', peer('alice'));
  guests.left('hers');
  expect(guests.peerOf('hers')).toEqual(peer('alice'));
  guests.forgetGone();
  expect(guests.peerOf('hers')).toBeUndefined();
  // It is there again, under the same routing id, and stays.
  guests.welcome('hers', peer('alice'));
  guests.forgetGone();
  expect(guests.peerOf('hers')).toEqual(peer('alice'));
});

test('connections of a dismissed name are denied from then on, those of others are not', () => {
  const guests = new Guests();
  guests.welcome('hers', peer('alice'));
  guests.welcome('his', peer('bob'));
  expect(guests.dismiss('alice')).toEqual(['hers']);
  expect([guests.peerOf('hers'), guests.isDenied('hers')]).toEqual([undefined, true]);
  expect([guests.peerOf('his'), guests.isDenied('his')]).toEqual([peer('bob'), false]);
  expect(guests.dismiss('alice')).toEqual([]);
  guests.pardonAll();
  expect(guests.isDenied('hers')).toBe(false);
});

test('the latest denied connections are remembered', () => {
  const guests = new Guests();
  for (let number = 0; number <= MOST_DENIED; number++) guests.deny(`${number}`);
  expect(guests.isDenied('0')).toBe(false);
  expect(guests.isDenied('1')).toBe(true);
  expect(guests.isDenied(`${MOST_DENIED}`)).toBe(true);
});
