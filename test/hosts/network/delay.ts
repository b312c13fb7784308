import { fileURLToPath } from 'node:url';
import { Child } from '../../support/child.js';
import type { Namespace } from './namespace.js';
import type { Fault } from './switch-rules.js';

/** Beside the compiled file there is none: `dist/hosts/network` mirrors `network`. */
const PROGRAM = fileURLToPath(new URL('../../../network/delay.py', import.meta.url));

/** The cable of a host to the switch: an interface of the switch's namespace, and the bridge that it is plugged into. */
export interface Cable {
  readonly port: string;
  /** The port of the same host while its frames pass the program that delays them. */
  readonly delayedPort: string;
  readonly bridge: string;
}

export interface Latency {
  /** Each way, in ms. */
  readonly ms: number;
  /** Plus or minus that many ms. */
  readonly jitterMs: number;
}

/** Delays frames by the kernel, on the port towards the host and on the host's own interface. */
export async function delayByNetem(
  namespace: Namespace,
  host: Namespace,
  cable: Cable,
  latency: Latency,
): Promise<Fault> {
  const ends: [Namespace, string][] = [
    [namespace, cable.port],
    [host, 'eth0'],
  ];
  const times = ['delay', `${latency.ms}ms`, `${latency.jitterMs}ms`];
  for (const [end, device] of ends) {
    await end.run('tc', ['qdisc', 'add', 'dev', device, 'root', 'netem', ...times]);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      for (const [end, device] of ends)
        await end.run('tc', ['qdisc', 'del', 'dev', device, 'root']);
    },
  };
}

/** Delays frames by a program between the host's cable and the bridge, for kernels without netem. */
export async function delayByProgram(
  namespace: Namespace,
  { port, delayedPort, bridge }: Cable,
  { ms, jitterMs }: Latency,
): Promise<Fault> {
  const inner = `${delayedPort}i`;
  await namespace.ip('link', 'add', 'name', delayedPort, 'type', 'veth', 'peer', 'name', inner);
  await namespace.ip('link', 'set', 'dev', inner, 'up');
  await namespace.ip('link', 'set', 'dev', delayedPort, 'master', bridge, 'up');
  const line = namespace.inside('python3', PROGRAM, port, inner, `${ms}`, `${jitterMs}`);
  const program = new Child(line.command, line.args);
  await program.nextLine();
  await namespace.ip('link', 'set', 'dev', port, 'nomaster');
  return {
    [Symbol.asyncDispose]: async () => {
      await program.kill();
      await namespace.ip('link', 'del', 'dev', delayedPort);
      await namespace.ip('link', 'set', 'dev', port, 'master', bridge);
    },
  };
}
