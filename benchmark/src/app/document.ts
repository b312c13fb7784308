export interface Line {
  readonly id: number;
  readonly item: string;
  readonly tags: readonly string[];
  readonly note: string;
}

/** The payload of a large call: strings and arrays, nested. */
export interface Document {
  readonly lines: readonly Line[];
}

const NOTE = 'to be delivered before noon, and not to be left at the door ';

/** A document of that many bytes as JSON, give or take half a line. */
export function documentOf(bytes: number): Document {
  const lines = Math.max(1, Math.round(bytes / JSON.stringify(lineOf(1000)).length));
  return { lines: Array.from({ length: lines }, (_, id) => lineOf(id)) };
}

function lineOf(id: number): Line {
  return { id, item: 'umbrella', tags: ['rain', 'midnight blue', 'gift'], note: NOTE };
}
