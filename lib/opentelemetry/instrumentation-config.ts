import type { Span } from '@opentelemetry/api';
import { FreelanceError } from '../core/freelance-error.js';
import { plainText } from '../core/plain-text.js';
import type { ClientCallMessage, ServerCallMessage } from '../telemetry/messages.js';

/** Options of `FreelanceInstrumentation`. */
export interface FreelanceInstrumentationConfig {
  /**
   * Whether it is on from the start. `registerInstrumentations` turns it on in any case.
   *
   * @default true
   */
  enabled?: boolean;
  /**
   * Patterns of calls and events that are left alone, at clients and servers: no span, no measurement, and nothing is sent
   * along. Text stands for exactly that pattern; the pattern of an object is its JSON, with sorted members.
   *
   * @default []
   */
  ignorePatterns?: readonly (string | RegExp)[];
  /**
   * Runs for each recorded span of a call or an event of a client, when it starts, and may add attributes. What it throws is
   * reported to OpenTelemetry's `diag`.
   */
  clientCallHook?: (span: Span, call: ClientCallMessage) => void;
  /** The same for each recorded span of a server. `call.metadata` is what the caller has sent along. */
  serverCallHook?: (span: Span, call: ServerCallMessage) => void;
}

/** @throws FreelanceError `BAD_OPTIONS`, naming the option */
export function checkConfig({
  ignorePatterns = [],
  clientCallHook,
  serverCallHook,
}: FreelanceInstrumentationConfig): void {
  if (!Array.isArray(ignorePatterns) || !ignorePatterns.every(isPattern))
    throw bad('ignorePatterns', 'a list of texts and regular expressions', ignorePatterns);
  for (const [name, hook] of Object.entries({ clientCallHook, serverCallHook })) {
    if (hook !== undefined && typeof hook !== 'function') throw bad(name, 'a function', hook);
  }
}

function isPattern(value: unknown): boolean {
  return typeof value === 'string' || value instanceof RegExp;
}

function bad(option: string, must: string, value: unknown): FreelanceError {
  return new FreelanceError(
    'BAD_OPTIONS',
    `FreelanceInstrumentation: ${option} must be ${must}, but is ${plainText(String(value))}.`,
  );
}

/** Whether calls of that pattern are left alone. */
export function isIgnored(
  { ignorePatterns }: FreelanceInstrumentationConfig,
  pattern: string,
): boolean {
  if (!ignorePatterns || ignorePatterns.length === 0) return false;
  return ignorePatterns.some((ignored) =>
    // `search` heeds no `lastIndex`, as a regular expression with `g` or `y` has one.
    typeof ignored === 'string' ? ignored === pattern : pattern.search(ignored) >= 0,
  );
}
