import { isPlainObject } from './plain-object.js';
import { kindOf } from './shown.js';

/** What metadata must be, for its errors. */
export const METADATA = 'an object whose values are strings';

/** What was given instead of metadata; undefined if it is metadata. Values are not shown: they may be secret. */
export function notMetadata(value: unknown): string | undefined {
  if (!isPlainObject(value)) return kindOf(value);
  for (const [key, text] of Object.entries(value)) {
    // Members that are undefined are left out, as JSON does.
    if (typeof text !== 'string' && text !== undefined) {
      return `one whose ${JSON.stringify(key)} is ${kindOf(text)}`;
    }
  }
  return undefined;
}
