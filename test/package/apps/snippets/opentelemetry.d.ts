// The apps do not have them. `npm run test:runtimes` runs the snippet with the real ones.

declare module '@opentelemetry/instrumentation-http' {
  export const HttpInstrumentation: new () => object;
}

declare module '@opentelemetry/sdk-node' {
  export class NodeSDK {
    constructor(options: { serviceName?: string; instrumentations: readonly unknown[] });
    start(): void;
    shutdown(): Promise<void>;
  }
}
