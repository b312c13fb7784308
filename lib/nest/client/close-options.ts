import { OptionReader } from '../options/option-reader.js';

/** Options of `client.close`. */
export interface CloseOptions {
  /** Whether to wait for open calls first. @default false */
  readonly drain?: boolean | undefined;
}

/**
 * @param options Nest passes the name of a signal instead
 * @throws FreelanceError `BAD_OPTIONS`
 */
export function isDrain(options: CloseOptions | string | undefined): boolean {
  if (typeof options !== 'object') return false;
  return new OptionReader('FreelanceClientProxy.close', options, ['drain']).flag('drain', false);
}
