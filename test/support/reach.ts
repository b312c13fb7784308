/** How a reader of a log, or a program, might come by these bytes: whole, and however they are written. */
export function formsOf(bytes: Buffer): string[] {
  const hex = bytes.toString('hex');
  // In base64 of something longer they begin at one of three places of a group; its edges are not theirs alone.
  const groups = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [
    bytes.toString('latin1'),
    bytes.toString('utf8'),
    hex,
    hex.toUpperCase(),
    (hex.match(/../g) ?? []).join(' '),
    ...groups,
    ...groups.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    [...bytes].join(','),
    [...bytes].join(', '),
  ];
}

/**
 * All that can be reached from a value by reflection: properties of any kind, what getters answer, prototypes, the
 * entries of maps and sets. What is text, bytes or a list of numbers comes as text.
 */
export function* reachableText(root: unknown): Generator<string> {
  const seen = new Set<unknown>();
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') yield value;
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) continue;
    if (seen.has(value)) continue;
    seen.add(value);
    if (ArrayBuffer.isView(value)) {
      yield Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
      continue;
    }
    if (value instanceof ArrayBuffer) {
      yield Buffer.from(value).toString('latin1');
      continue;
    }
    if (Array.isArray(value) && value.every((item) => typeof item === 'number')) {
      yield value.join(',');
    }
    if (value instanceof Map) open.push(...value.keys(), ...value.values());
    if (value instanceof Set) open.push(...value);
    open.push(...propertiesOf(value));
  }
}

function* propertiesOf(value: object): Generator {
  for (let owner: object | null = value; owner; owner = Object.getPrototypeOf(owner) as object) {
    for (const name of Reflect.ownKeys(owner)) {
      yield name;
      try {
        yield Reflect.get(owner, name, value);
      } catch {
        // Such as `caller` of a function: nobody can read it.
      }
    }
  }
}
