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

export function isInproc(address: string): boolean {
  return address.startsWith('inproc:');
}

/** What is wrong with such an address beside the option `security`. */
export const NO_INPROC = 'must not have inproc:// addresses with security, which those do not know';

/** Whether nobody on another machine can reach a server there. */
export function isLocal(address: string): boolean {
  return !address.startsWith('tcp:') || LOOPBACK.test(address);
}

/** Source: RFC 1122, 3.2.1.3 (127.0.0.0/8), and RFC 4291, 2.5.3 (::1). `lo` is what Linux calls its interface. */
const LOOPBACK = /^tcp:\/\/(?:127\.[\d.]+|localhost|lo|\[::1\]):/;

function isPort(text: string): boolean {
  return Number(text) >= 1 && Number(text) <= 65_535;
}
