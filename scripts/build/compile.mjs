// The compiler's part of the build: ES modules with their maps, and types, by their paths below lib.
import { relative, resolve } from 'node:path';
import ts from 'typescript';

/** @returns the texts by path: `.js` without comments, `.js.map`, and `.d.ts`, which has them */
export function compile() {
  const { options, fileNames, errors } = ts.getParsedCommandLineOfConfigFile(
    'tsconfig.build.json',
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (error) => fail([error]) },
  );
  const program = ts.createProgram(fileNames, options);
  fail([...errors, ...ts.getPreEmitDiagnostics(program)]);
  const texts = new Map();
  emit(program, texts, true);
  // The same program, which has checked all: another one would have to once more.
  Object.assign(program.getCompilerOptions(), { declaration: false, removeComments: true });
  emit(program, texts, false);
  return texts;
}

function emit(program, texts, onlyTypes) {
  const out = program.getCompilerOptions().outDir;
  const write = (path, text) => texts.set(relative(out, resolve(path)), text);
  fail(program.emit(undefined, write, undefined, onlyTypes).diagnostics);
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
