import { calls } from './calls.js';
import type { SubjectName } from '../subjects/registry.js';
import type { Cell, Scenario } from './scenario.js';

export const secure: Scenario = {
  ...calls,
  name: 'secure',
  title: 'Encrypted calls',
  about:
    'The calls of above, encrypted, with both sides sure of each other: by CURVE over nestjs-freelance, by TLS ' +
    'with a certificate of each over Nest TCP.',
  cells: calls.cells.map((cell) =>
    withSubjects(cell, ['freelance-curve', 'freelance-curve-libzmq', 'tcp-tls']),
  ),
  reference: { subject: 'tcp-tls' },
};

function withSubjects(cell: Cell, subjects: readonly SubjectName[]): Cell {
  return { ...cell, subjects };
}
