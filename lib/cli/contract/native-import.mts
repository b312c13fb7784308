/** `import()` as it is: the command line is CommonJS, in which the compiler makes a `require()` of it. */
export const nativeImport = (url: string): Promise<unknown> => import(/* @vite-ignore */ url);
