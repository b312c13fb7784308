// What is in the package once, and what twice.
import { importsOf, needingNest, roomOf } from './modules.mjs';

/**
 * Modules that do not need Nest are shared: they are there once, as CommonJS, which both kinds of module can load. The others are
 * there as both, because Nest is CommonJS up to Nest 11 and ES modules from Nest 12 on, and must be the Nest that the application
 * has loaded: their classes extend its classes.
 *
 * @param texts the compiler's, by path
 * @param program the path of the command line, which is CommonJS only and shared with nobody
 */
export function planOf(texts, program) {
  const imports = importsOf(texts);
  const needing = needingNest(imports);
  const isShared = (path) =>
    texts.has(path) && !needing.has(path) && path !== program && roomOf(path) !== 'cli';

  /** Shared modules that others load by `import()`. */
  const loadedLater = new Set();
  /** By room, then by shared module: the names that the room's other modules use. */
  const uses = new Map();
  for (const [path, found] of imports) {
    if (isShared(path)) continue;
    for (const { from, names } of found) {
      if (!isShared(from)) continue;
      if (names === 'all') loadedLater.add(from);
      else use(uses, roomOf(path), from, names);
    }
  }
  return { isShared, loadedLater, uses };
}

function use(uses, room, from, names) {
  const modules = uses.get(room) ?? uses.set(room, new Map()).get(room);
  const used = modules.get(from) ?? modules.set(from, new Set()).get(from);
  for (const name of names) used.add(name);
}
