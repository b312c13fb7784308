const TCP = /^tcp:\/\/(?:\[[^\]\s]+\]|[^\s:/[\]]+):(\*|\d{1,5})$/;
const LOCAL = /^(?:ipc|inproc):\/\/\S+$/;

/** An address that a server can be reached at: with a port, of a host that has a name. */
export function isEndpoint(address: string): boolean {
  if (LOCAL.test(address)) return true;
  const port = TCP.exec(address)?.[1];
  return port !== undefined && isPort(port) && !address.startsWith('tcp://*');
}

/** An address that a server can bind: `*` stands for every interface, or for any free port. */
export function isBindAddress(address: string): boolean {
  if (LOCAL.test(address)) return true;
  const port = TCP.exec(address)?.[1];
  return port !== undefined && (port === '*' || isPort(port));
}

function isPort(text: string): boolean {
  return Number(text) >= 1 && Number(text) <= 65_535;
}
