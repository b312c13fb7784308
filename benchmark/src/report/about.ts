import type { Results } from './results.js';

/** Below this many seconds, a measurement only shows that the cell works. */
const TELLING = 1;

/** Where, when and with what the results were measured, in paragraphs. */
export function about({ date, machine, versions, engine, pace }: Results): string[] {
  const { cpu, cores, memoryGb, os } = machine;
  const { rounds, seconds } = pace;
  const parts = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const measured = rounds === 1 ? 'One round' : `Medians of ${rounds} rounds`;
  const warning = 'Too short to tell how fast anything is: this run shows that it works.';
  return [
    ...(seconds < TELLING ? [warning] : []),
    `${cpu}, ${cores} cores, ${memoryGb} GB, ${os}; ${date}. ${measured}.`,
    `${parts.join(', ')}. nestjs-freelance with ${engine === 'default' ? 'its default engine' : `the engine ${engine}`}.`,
  ];
}
