import { isPlainObject } from './plain-object.js';
import { kindOf } from './shown.js';

/** What metadata must be, for errors. */
export const METADATA = 'an object whose values are strings';

/** Describes what is not metadata, without its values, which may be secret; undefined if it is metadata. */
export function notMetadata(value: unknown): string | undefined {
  if (!isPlainObject(value)) return kindOf(value);
  for (const [key, text] of Object.entries(value)) {
    // Undefined members are left out, as in JSON.
    if (typeof text !== 'string' && text !== undefined) {
      return `one whose ${JSON.stringify(key)} is ${kindOf(text)}`;
    }
  }
  return undefined;
}
