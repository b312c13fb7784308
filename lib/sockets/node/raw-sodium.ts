/**
 * The functions of libsodium in WebAssembly, which libsodium-wrappers wraps: they take addresses in one memory. The wrappers
 * allocate and free memory for each argument of each call, which costs more than encrypting a small message.
 */
export interface RawSodium {
  /** The whole memory; another view once it has grown. */
  readonly memory: () => Uint8Array;
  /** @returns 0 if no memory is left */
  readonly malloc: (bytes: number) => number;
  readonly free: (address: number) => void;
  readonly scalarMultBase: (publicKey: number, secretKey: number) => number;
  readonly beforeNm: (sharedKey: number, publicKey: number, secretKey: number) => number;
  readonly seal: Boxing;
  readonly open: Boxing;
}

type Boxing = (
  to: number,
  from: number,
  bytes: number,
  bytesHigh: number,
  nonce: number,
  key: number,
) => number;

/** @returns undefined if they are not there: libsodium-wrappers exposes them, but does not document them */
export function rawSodiumOf(value: unknown): RawSodium | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const module = value as Record<string, unknown>;
  const raw = {
    memory: () => module['HEAPU8'],
    malloc: module['_malloc'],
    free: module['_free'],
    scalarMultBase: module['_crypto_scalarmult_base'],
    beforeNm: module['_crypto_box_beforenm'],
    seal: module['_crypto_secretbox_easy'],
    open: module['_crypto_secretbox_open_easy'],
  };
  const isThere = Object.values(raw).every((one) => typeof one === 'function');
  return isThere && ArrayBuffer.isView(raw.memory()) ? (raw as RawSodium) : undefined;
}
