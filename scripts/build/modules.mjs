// The modules of lib, compiled: in which room each is, what it imports, and whether it needs Nest.
import { dirname, join } from 'node:path';
import ts from 'typescript';

/**
 * @param path of a module below lib
 * @returns its room: the folder of lib of which the build makes one file. Those of `sockets` are rooms of their own, as each
 * engine is loaded without the others
 */
export function roomOf(path) {
  const folders = dirname(path).split('/');
  if (folders[0] === '.') return 'common';
  return folders[0] === 'sockets' ? folders.join('-') : folders[0];
}

/**
 * @param texts the compiler's, by path
 * @returns by path, the imports of each module: from where, and which names
 */
export function importsOf(texts) {
  const paths = Array.from(texts.keys()).filter((path) => path.endsWith('.js'));
  return new Map(paths.map((path) => [path, importsIn(path, texts.get(path))]));
}

function importsIn(path, text) {
  const found = [];
  const add = (specifier, names) => {
    const from = specifier.startsWith('.') ? join(dirname(path), specifier) : specifier;
    found.push({ from, names });
  };
  const visit = (node) => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined
    ) {
      const { text: specifier } = node.moduleSpecifier;
      add(specifier, specifier.startsWith('.') ? namesOf(node, path) : []);
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      // By a variable: what a command line loads for its user.
      if (ts.isStringLiteral(node.arguments[0])) add(node.arguments[0].text, 'all');
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS));
  return found;
}

function namesOf(node, path) {
  const isImport = ts.isImportDeclaration(node);
  // Only for what it does when it is loaded.
  if (isImport && node.importClause === undefined) return [];
  const named = isImport ? node.importClause.namedBindings : node.exportClause;
  if (!named?.elements || node.importClause?.name)
    throw new Error(`${path}: the build knows imports and exports by name only`);
  return named.elements.map(({ propertyName, name }) => (propertyName ?? name).text);
}

/** @returns the paths of the modules that import Nest, or a module that does */
export function needingNest(imports) {
  const needing = new Set();
  const isOne = ({ from }) => from.startsWith('@nestjs/') || needing.has(from);
  let before;
  do {
    before = needing.size;
    for (const [path, found] of imports) if (found.some(isOne)) needing.add(path);
  } while (needing.size > before);
  return needing;
}
