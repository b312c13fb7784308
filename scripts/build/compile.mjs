// The compiler's part of the build: ES modules with their maps, and types, by their paths below lib.
import { relative, resolve } from 'node:path';
import ts from 'typescript';

/** @returns the texts by path: `.js`, `.js.map`, and `.d.ts` */
export function compile() {
  const { options, fileNames, errors } = ts.getParsedCommandLineOfConfigFile(
    'tsconfig.build.json',
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (error) => fail([error]) },
  );
  const program = ts.createProgram(fileNames, options);
  fail([...errors, ...ts.getPreEmitDiagnostics(program)]);
  const texts = new Map();
  const write = (path, text) => texts.set(relative(options.outDir, resolve(path)), text);
  fail(program.emit(undefined, write).diagnostics);
  return texts;
}

function fail(diagnostics) {
  if (diagnostics.length === 0) return;
  const host = {
    getCurrentDirectory: () => process.cwd(),
    getNewLine: () => '\n',
    getCanonicalFileName: (name) => name,
  };
  process.stderr.write(`failed\n${ts.formatDiagnostics(diagnostics, host)}`);
  process.exit(1);
}
