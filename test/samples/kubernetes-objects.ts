import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Where `kubernetes-types` has the kinds of an API version; it is generated from the OpenAPI of Kubernetes. */
const MODULES: Readonly<Record<string, string>> = {
  v1: 'core/v1',
  'apps/v1': 'apps/v1',
  'autoscaling/v2': 'autoscaling/v2',
  'policy/v1': 'policy/v1',
  'rbac.authorization.k8s.io/v1': 'rbac/v1',
};

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * What is wrong with these objects: unknown and missing members, values of another type, kinds that there are not. As literals of
 * TypeScript, since these may have no members but those of their type.
 */
export function faultsOf(objects: readonly KubernetesObject[]): string[] {
  const file = `${ROOT}test/samples/objects.virtual.ts`;
  const options: ts.CompilerOptions = {
    lib: ['lib.es5.d.ts'],
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const text = objects.map(declared).join('\n');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const program = ts.createProgram([file], options, {
    ...host,
    fileExists: (name) => name === file || host.fileExists(name),
    getSourceFile: (name, ...more) => (name === file ? source : host.getSourceFile(name, ...more)),
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

function declared(object: KubernetesObject, at: number): string {
  const { apiVersion, kind } = object;
  const module = MODULES[apiVersion] ?? `no module for ${apiVersion}`;
  return `
    import type { ${kind} as Kind${at} } from ${JSON.stringify(`kubernetes-types/${module}`)};
    export const object${at}: Kind${at} & { apiVersion: ${JSON.stringify(apiVersion)}; metadata: { name: string } } =
      ${JSON.stringify(object)};`;
}
