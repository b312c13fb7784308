import type { CurveCrypto } from '../../zmtp/curve-crypto.js';
import { loadPackage } from '../../load-package.js';
import { rawCrypto } from './raw-crypto.js';
import { rawSodiumOf } from './raw-sodium.js';
import { wrappedCrypto } from './wrapped-crypto.js';

let loading: Promise<CurveCrypto> | undefined;

/** libsodium, loaded when CURVE is first used. */
export function sodiumCrypto(): Promise<CurveCrypto> {
  return (loading ??= load());
}

async function load(): Promise<CurveCrypto> {
  const { default: sodium } = await loadPackage(
    () => import('libsodium-wrappers'),
    'libsodium-wrappers',
  );
  await sodium.ready;
  const raw = rawSodiumOf(Object.getOwnPropertyDescriptor(sodium, 'libsodium')?.value);
  return raw ? rawCrypto(raw) : wrappedCrypto(sodium);
}
