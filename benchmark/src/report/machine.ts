import { arch, cpus, release, totalmem, type } from 'node:os';

/** What everything was measured on. Neither its name nor its paths are anybody's business. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly os: string;
}

const BYTES_PER_GB = 2 ** 30;

export function thisMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGb: Math.round(totalmem() / BYTES_PER_GB),
    os: `${type()} ${release()} ${arch()}`,
  };
}
