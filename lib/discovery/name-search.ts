import { codeOf, isAbsence } from './lookup-error.js';
import type { Names } from './names.js';
import { candidatesOf } from './search-list.js';

/**
 * Asks for a name as the search list completes it: the first candidate with records counts. A look-up that fails ends the search,
 * as a later candidate could be another service.
 *
 * @throws the first failure, or that there is no such record, or no such name
 */
export async function searchName<Found>(
  names: Pick<Names, 'searchPolicy'>,
  name: string,
  ask: (candidate: string) => Promise<Found>,
): Promise<Found> {
  let absence: unknown;
  if (name.endsWith('.')) return ask(name);
  for (const candidate of candidatesOf(name, await names.searchPolicy())) {
    try {
      return await ask(candidate);
    } catch (error) {
      if (!isAbsence(error)) throw error;
      // "No such record" says more than "no such name", and that more than "no name at all".
      if (absence === undefined || codeOf(error) === 'ENODATA' || codeOf(absence) === 'EBADNAME')
        absence = error;
    }
  }
  throw absence;
}
