import type { Answered, Recording } from './meter.js';

export const waitOf = ({ startedAt, endedAt }: Answered): number => endedAt - startedAt;

export function waitsIn({ answers }: Recording): number[] {
  return answers.map(waitOf);
}
