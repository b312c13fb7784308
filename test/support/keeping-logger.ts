import type { LoggerService } from '@nestjs/common';

/** Keeps what is logged. */
export class KeepingLogger implements LoggerService {
  readonly lines: string[] = [];
  readonly #keep =
    (level: string) =>
    (message: unknown, ...rest: unknown[]) => {
      const text = message instanceof Error ? message.message : String(message);
      this.lines.push(`${level} [${String(rest.at(-1))}] ${text}`);
    };
  readonly log = this.#keep('log');
  readonly error = this.#keep('error');
  readonly warn = this.#keep('warn');
  readonly debug = this.#keep('debug');

  /** What one part of the application has logged. */
  of(context: string): string[] {
    return this.lines.filter((line) => line.includes(`[${context}]`));
  }
}
