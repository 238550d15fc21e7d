// What is simplest: a server that answers each request when its INSERT is done. Its parent sends the socket folder of the
// database and gets the port.
import { createServer } from 'node:http';
import { connectTo } from '../src/db/connect.ts';
import { createLinkSigner } from '../src/links.ts';

process.once('message', ({ socketFolder, secret }: { socketFolder: string; secret: string }) => {
  const signer = createLinkSigner(secret);
  const { pool } = connectTo(
    { host: socketFolder, port: 5432, user: 'broadsheet', database: 'broadsheet' },
    10,
  );
  const server = createServer(async (request, response) => {
    const [, kind, file = ''] = (request.url ?? '').split('/');
    const [subscriber, edition] = signer.verify('click', file.replace('.gif', '')) ?? [];
    await pool.query({
      name: 'insert',
      text: 'insert into plain_engagement (edition_id, subscriber_id, kind, at) values ($1, $2, $3, now())',
      values: [edition, subscriber, kind],
    });
    response.writeHead(302, { Location: 'https://news.example.com/', 'Content-Length': 0 }).end();
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
  });
});
