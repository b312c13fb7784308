/** `import()` as it is: of a module in CommonJS, which the package consists of, the compiler makes `require()`. */
export const nativeImport = (url: string): Promise<unknown> => import(/* @vite-ignore */ url);
