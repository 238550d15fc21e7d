import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Context } from '../context.ts';
import { messageOf, UserError } from '../errors.ts';
import { observeRequest } from '../observe/requests.ts';

/** A running web server. */
export interface WebServer {
  /** Where it is reached from this machine, without a slash at the end. */
  url: string;
  /** Takes no new connections, finishes the requests under way (for at most 10 s), and stops. */
  close(): Promise<void>;
}

/** Answers a request before the pages see it, or calls `pages`, at once or later. */
export type FirstLook = (request: IncomingMessage, response: ServerResponse, pages: () => void) => void;

const graceSeconds = 10;

/**
 * Starts to serve the app.
 * @param where.port 0 for any free one
 * @param firstLook what is asked for so often that it must not take the way of a page
 * @throws UserError if the address cannot be had, saying why
 */
export async function startServer(
  context: Pick<Context, 'log'>,
  app: Hono,
  where: { host: string; port: number },
  firstLook: FirstLook = (_request, _response, pages) => pages(),
): Promise<WebServer> {
  const answer = getRequestListener(app.fetch);
  let isClosing = false;
  // Browsers open connections ahead; Node does not count those as idle.
  const unused = new Set<Socket>();
  const streams = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    unused.delete(request.socket);
    // Else a client that asks without a pause would keep its connection, and the server, for the whole time of grace.
    if (isClosing) response.shouldKeepAlive = false;
    if (request.headers.accept === 'text/event-stream') {
      streams.add(response);
      response.once('close', () => streams.delete(response));
    }
    observeRequest(context.log, request, response, () =>
      firstLook(request, response, () => void answer(request, response)),
    );
  });
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  // A client that sends slowly on purpose holds a connection no longer than this.
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explained(error, where)));
    server.listen(where.port, where.host, resolve);
  });
  server.on('error', (error) => context.log.error({ error: messageOf(error) }, 'the web server reports'));
  const { port, address, family } = server.address() as AddressInfo;
  const everywhere = address === '0.0.0.0' || address === '::';
  const host = everywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        isClosing = true;
        const timer = setTimeout(() => server.closeAllConnections(), graceSeconds * 1_000);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
        // A stream of events ends when one end wants it to: browsers ask anew.
        for (const response of streams) response.destroy();
        for (const socket of unused) socket.destroy();
      }),
  };
}

function explained(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'another program uses it',
    EACCES: 'this user may not use it',
    EADDRNOTAVAIL: 'this machine does not have that address',
    ENOTFOUND: 'there is no such host',
  };
  const reason = reasons[error.code ?? ''];
  if (!reason) return error;
  return new UserError(`The web server cannot listen on ${host}:${port}: ${reason}.`, {
    code: 'listen',
    hint: 'Choose another with HOST and PORT.',
    cause: error,
  });
}
