import {
  type CanActivate,
  Controller,
  Get,
  Inject,
  Req,
  Res,
  type Type,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer, type Route, ROUTES } from './answer.js';
import { DashboardHost } from './dashboard-host.js';
import { INDEX } from './page-files.js';

/** What an adapter of Nest hands out: Node's own, as Express extends it, or what Fastify wraps. */
type RequestOfAdapter = IncomingMessage | { readonly raw: IncomingMessage };
type ResponseOfAdapter = ServerResponse | { readonly raw: ServerResponse; hijack(): unknown };

/** A controller of its own for each page: Nest asks for the path when the class is made, and guards belong to it. */
export function dashboardController(
  path: string,
  guards: readonly (Type<CanActivate> | CanActivate)[],
): Type {
  // Browsers send no version with the address of a page.
  @Controller({ path, version: VERSION_NEUTRAL })
  @UseGuards(...guards)
  class FreelanceDashboardController {
    constructor(@Inject(DashboardHost) private readonly host: DashboardHost) {}

    @Get()
    page(@Req() request: RequestOfAdapter, @Res() response: ResponseOfAdapter): void {
      this.answer(INDEX, request, response);
    }

    @Get([...ROUTES])
    file(@Req() request: RequestOfAdapter, @Res() response: ResponseOfAdapter): void {
      this.answer(routeOf(nodes(request)), request, response);
    }

    private answer(route: Route, request: RequestOfAdapter, response: ResponseOfAdapter): void {
      // Fastify sends nothing more, then.
      if ('hijack' in response) response.hijack();
      answer(this.host.dashboard, route, nodes(request), nodes(response));
    }
  }
  return FreelanceDashboardController;
}

function nodes<Wrapped extends object>(given: Wrapped | { readonly raw: Wrapped }): Wrapped {
  return 'raw' in given ? given.raw : given;
}

/** The router has let no other through. */
function routeOf({ url = '' }: IncomingMessage): Route {
  const [path = ''] = url.split('?', 1);
  const last = path.replace(/\/$/, '').split('/').at(-1)?.toLowerCase();
  return ROUTES.find((route) => route === last) ?? INDEX;
}
