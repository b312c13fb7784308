import { describe, expect, it } from 'vitest';
import { CookieJar } from '../../../lib/zmtp/curve/cookie-jar.js';
import type { CurveCrypto } from '../../../lib/zmtp/curve-crypto.js';
import { aClient, aServer, crypto, Handshake } from './fixtures.js';

/** Records the keys that cookies are sealed with. */
function aJar() {
  const keys = new Set<Uint8Array>();
  const time = { now: 0 };
  const seal: CurveCrypto['seal'] = (message, nonce, key) => {
    keys.add(key);
    return crypto.seal(message, nonce, key);
  };
  const jar = new CookieJar({ ...crypto, seal }, () => time.now);
  const [clientKey, secretKey] = [crypto.randomBytes(32), crypto.randomBytes(32)];
  const bake = () => jar.bake(clientKey, secretKey);
  const isWiped = () => [...keys].map((key) => key.every((byte) => byte === 0));
  return { jar, time, clientKey, secretKey, bake, isWiped };
}

describe('CookieJar', () => {
  it('returns what was put into a cookie', () => {
    const { jar, bake, clientKey, secretKey } = aJar();
    const { cookie, ticket } = bake();
    expect(cookie.length).toBe(96);
    expect(jar.open(cookie, ticket)).toEqual({ clientKey, secretKey });
  });

  it('makes a different cookie each time', () => {
    const { bake } = aJar();
    expect(bake().cookie.equals(bake().cookie)).toBe(false);
  });

  it("rejects a cookie with another one's ticket", () => {
    const { jar, bake } = aJar();
    const [one, two] = [bake(), bake()];
    expect(jar.open(one.cookie, two.ticket)).toBeUndefined();
    expect(jar.open(one.cookie, one.ticket)).toBeDefined();
  });

  it('accepts a cookie for 30 seconds', () => {
    const { jar, bake, time } = aJar();
    const [one, two] = [bake(), bake()];
    time.now = 30_000;
    expect(jar.open(one.cookie, one.ticket)).toBeDefined();
    time.now = 30_001;
    expect(jar.open(two.cookie, two.ticket)).toBeUndefined();
  });

  it('changes its key after 30 seconds and wipes the old key with its last cookie', () => {
    const { jar, bake, time, isWiped } = aJar();
    const early = bake();
    time.now = 29_999;
    const late = bake();
    time.now = 30_000;
    const next = bake();
    expect(isWiped()).toEqual([false, false]);
    jar.discard(early.ticket);
    expect(isWiped()).toEqual([false, false]);
    expect(jar.open(late.cookie, late.ticket)).toBeDefined();
    expect(isWiped()).toEqual([true, false]);
    expect(jar.open(next.cookie, next.ticket)).toBeDefined();
    expect(isWiped()).toEqual([true, true]);
  });

  it('keeps no key while no cookie is outstanding', () => {
    const { jar, bake, isWiped } = aJar();
    const { ticket } = bake();
    jar.discard(ticket);
    expect(isWiped()).toEqual([true]);
    bake();
    expect(isWiped()).toEqual([true, false]);
  });

  it('rejects a client whose handshake took longer than a cookie is valid', () => {
    const time = { now: 0 };
    const cookies = new CookieJar(crypto, () => time.now);
    const handshake = new Handshake(aClient(), aServer({ cookies })).upTo('INITIATE');
    time.now = 30_001;
    expect(handshake.deliver().outcome).toMatchObject({
      type: 'failed',
      error: { code: 'forged' },
    });
  });
});
