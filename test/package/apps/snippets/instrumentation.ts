// What docs/opentelemetry.md has in a file of that name.
export declare const sdk: { shutdown(): Promise<void> };
