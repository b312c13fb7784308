import { randomBytes } from 'node:crypto';
import { linkSync, renameSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LONGEST_PATH } from '../address.js';
import { errorCode } from '../error-code.js';
import { isServed } from '../is-served.js';

/**
 * Removes the socket of a dead process, so that its path can be bound. Another server may do the same at this moment, and may
 * have bound the path since it was checked. So the file is renamed first, to a name that nobody else touches, and checked
 * again: if somebody listens at it after all, it gets its name back.
 *
 * @param path where nobody listened when it was checked
 * @returns false if somebody listens there after all
 */
export async function clearStale(path: string): Promise<boolean> {
  const aside = join(dirname(path), `.${randomBytes(4).toString('hex')}`);
  // A longer path could not be connected to, so that nothing could be checked.
  if (Buffer.byteLength(aside) > LONGEST_PATH) {
    unlinkSync(path);
    return true;
  }
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    // Another server has renamed it, and will listen, or listens already.
    return !(await isServed(`ipc://${path}`));
  }
  const isInUse = await isServed(`ipc://${aside}`);
  if (isInUse) giveBack(aside, path);
  else unlinkSync(aside);
  return !isInUse;
}

function giveBack(aside: string, path: string): void {
  try {
    linkSync(aside, path);
  } catch (error) {
    // Some file systems have no links.
    if (errorCode(error) !== 'EEXIST') return renameSync(aside, path);
    // A third server has bound the path.
  }
  unlinkSync(aside);
}
