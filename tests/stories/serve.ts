import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server on loopback for one test. What a path maps to is sent as it is, or answers for itself. */
export async function serve(
  paths: Record<string, string | Buffer | Handler>,
): Promise<{ url: string; port: number; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.on('error', () => {});
    const found = paths[request.url ?? ''] ?? paths['*'];
    if (found === undefined) {
      response.writeHead(404).end('Not here');
    } else if (typeof found === 'function') found(request, response);
    else response.end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, requests };
}

/** An RSS 2.0 feed with the given items' XML. */
export function rss(...items: string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Harbour Herald</title><link>https://herald.example.com/</link><language>en</language>${items.join('')}</channel></rss>`;
}
