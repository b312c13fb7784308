import type { FreelanceError } from 'nestjs-freelance';

export const TRY_LATER = 'Try again later';

/** The status of an answer for which no server, or no time, was left. */
export function statusOf({ code }: FreelanceError): number {
  return code === 'ETIMEDOUT' ? 504 : 503;
}
