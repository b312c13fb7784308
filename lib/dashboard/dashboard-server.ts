import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer, refuse, type Route, ROUTES } from './answer.js';
import type { Dashboard } from './dashboard.js';
import { INDEX } from './page-files.js';

/** The page is for whoever sits at this machine, and nobody else. */
const HOST = '127.0.0.1';

/** More than pages have viewers: each page also loads its files. */
const MAX_CONNECTIONS = 64;

/** Serves the page at the loopback interface, without an application around it: for the command line. */
export class DashboardServer {
  readonly #dashboard: Dashboard;
  readonly #server: Server;
  #hosts: ReadonlySet<string> = new Set();

  constructor(dashboard: Dashboard) {
    this.#dashboard = dashboard;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /**
   * @param port 0 for a free one
   * @returns the address of the page
   * @throws Error if somebody listens on that port, or it needs privileges
   */
  async listen(port: number): Promise<string> {
    this.#server.listen(port, HOST);
    await once(this.#server, 'listening');
    const { port: bound } = this.#server.address() as AddressInfo;
    this.#hosts = new Set([`${HOST}:${bound}`, `localhost:${bound}`]);
    // Browsers leave the port of http out.
    if (bound === 80) this.#hosts = new Set([...this.#hosts, HOST, 'localhost']);
    this.#dashboard.open();
    return `http://${HOST}:${bound}/`;
  }

  async close(): Promise<void> {
    this.#dashboard.close();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    // A name that its owner lets lead here would make the page readable to the owner's pages: DNS rebinding.
    const { host = '' } = request.headers;
    if (!this.#hosts.has(host.toLowerCase())) {
      refuse(response, 421, 'Ask for this page by the address that the command has printed.');
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuse(response, 405, 'Nothing can be changed here.', { allow: 'GET, HEAD' });
      return;
    }
    const route = routeOf(request.url ?? '/');
    if (route) answer(this.#dashboard, route, request, response);
    else refuse(response, 404, 'There is no such page.');
  }
}

function routeOf(url: string): Route | undefined {
  const [path] = url.split('?', 1);
  if (path === '/') return INDEX;
  return ROUTES.find((route) => path === `/${route}`);
}
