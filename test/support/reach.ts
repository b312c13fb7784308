/** The forms in which these bytes may appear in a log or a program: whole, and in every encoding. */
export function formsOf(bytes: Buffer): string[] {
  const hex = bytes.toString('hex');
  // Within longer base64 the bytes start at one of three offsets in a group, and share the characters at the edges.
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
 * Everything that reflection can reach from a value: properties of any kind, results of getters, prototypes, entries of
 * maps and sets. Text, bytes and lists of numbers are returned as text.
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
        // For example `caller` of a function, which throws.
      }
    }
  }
}
