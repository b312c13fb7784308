import type { Results } from './results.js';

/** Where, when and with what it was measured, in paragraphs. */
export function about({ date, machine, versions, pace }: Results): string[] {
  const { cpu, cores, memoryGb, os } = machine;
  const { rounds, seconds } = pace;
  const parts = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${cpu}, ${cores} cores, ${memoryGb} GB, ${os}; ${date}. Medians of ${rounds} rounds, ` +
      `${seconds} s each.`,
    `${parts.join(', ')}.`,
  ];
}
