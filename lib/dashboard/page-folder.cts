import { join } from 'node:path';

/** Where the files of the page are in the source tree. A CommonJS module, so that `__dirname` holds. */
export const pageFolder = join(__dirname, 'page');
