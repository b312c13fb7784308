/** Bytes of every value: as JSON, their length depends on the number of digits of each. */
export function bytesOf(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => (index * 167) % 256));
}

/** Bytes as they arrive: in JSON, and in gRPC's message, they are a member of an object. */
export function sizeOf(value: unknown): number {
  if (Buffer.isBuffer(value)) return value.length;
  const { data } = value as { data?: { length: number } };
  return data?.length ?? 0;
}
