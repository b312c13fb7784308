import type { WritePacket } from '@nestjs/microservices';
import { FreelanceError } from '../../core/freelance-error.js';

/** The caller waits no longer, not even for values that the deserializer still has. */
export function endsAtOnce(error: unknown): boolean {
  return error instanceof FreelanceError && (error.code === 'ETIMEDOUT' || error.code === 'CLOSED');
}

/** Nest takes a falsy error for no error. */
export function failure(error: unknown): WritePacket {
  return { err: error || 'Unknown error' };
}
