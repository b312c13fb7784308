import type { FreelanceError, FreelanceErrorCode } from 'nestjs-freelance';

/** Faults of data or code, which a repetition would meet again. */
const LASTING: ReadonlySet<FreelanceErrorCode> = new Set([
  'BAD_OPTIONS',
  'BALANCER',
  'EMSGSIZE',
  'PROTOCOL',
]);

/**
 * What a request gets whose call no server could answer in time. 503 and 504 invite a repetition: where a request must not run
 * twice, answer otherwise if `error.mayHaveRun` is not 0.
 */
export function answerFor({ code }: FreelanceError): { statusCode: number; message: string } {
  if (LASTING.has(code)) return { statusCode: 500, message: 'Internal server error' };
  return { statusCode: code === 'ETIMEDOUT' ? 504 : 503, message: 'Try again later' };
}
