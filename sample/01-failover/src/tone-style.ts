import type { Style } from './line.js';
import type { Tone } from './run.js';

const STYLES: Record<Tone, Style> = {
  good: 'green',
  bad: 'red',
  doubtful: 'yellow',
  neutral: 'bold',
};

export function toneStyle(tone: Tone): Style {
  return STYLES[tone];
}
