// What of the package is there once, and what twice.
import { importsOf, meetingNest, roomOf } from './modules.mjs';

/**
 * Modules that do not meet Nest are shared: there once, as CommonJS, which both kinds of module can load. Those that do are
 * there as both, because Nest is CommonJS up to Nest 11 and ES modules from Nest 12 on, and a class extends that which its
 * application has loaded.
 *
 * @param texts the compiler's, by path
 * @param program the path of the command line, which is CommonJS only, and which nobody shares
 */
export function planOf(texts, program) {
  const imports = importsOf(texts);
  const meeting = meetingNest(imports);
  const isShared = (path) =>
    texts.has(path) && !meeting.has(path) && path !== program && roomOf(path) !== 'cli';

  /** What is loaded by `import()` of what is not shared. */
  const loadedLater = new Set();
  /** By room that is not shared, what it uses of what is: by module, names. */
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
