import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import { exportSubscribers } from '../../subscribers/export.ts';
import { segmentCondition } from '../../subscribers/segments/reference.ts';
import { type Api, type ApiTools, missing, needs, refused } from './describe.ts';

const all = createRoute({
  method: 'get',
  path: '/subscribers/export',
  tags: ['Subscribers'],
  summary: 'Export people as CSV or NDJSON',
  description:
    'As they are at one moment, however many: the answer is written while it is read. An import reads it back unchanged. A CSV whose connection ends early is not whole.',
  ...needs('subscribers:read'),
  request: {
    query: z.object({
      list: z
        .string()
        .max(80)
        .optional()
        .describe('a row for each subscription to it; else one for each person'),
      state: z.enum(['pending', 'confirmed', 'unsubscribed']).optional(),
      segment: z.string().max(4000).optional().describe('a saved segment’s name or id, or a filter'),
      columns: z.string().max(4000).optional().describe('separated by commas; field.NAME is one, too'),
      format: z.enum(['csv', 'ndjson']).default('csv'),
    }),
  },
  responses: {
    200: {
      description: 'The file.',
      content: {
        'text/csv': { schema: z.string() },
        'application/x-ndjson': { schema: z.string().describe('one object a line') },
      },
    },
    ...refused,
    ...missing,
  },
});

/** Taking people out. To be added before what has `/subscribers/{subscriber}`. */
export function addExportRoute(api: Api, { context }: ApiTools): void {
  api.openapi(all, async (c) => {
    const { list, state, segment, columns, format } = c.req.valid('query');
    const pieces = exportSubscribers(context, {
      ...{ list, state, format },
      columns: columns?.split(',').map((column) => column.trim()),
      ...(segment !== undefined && { where: await segmentCondition(context, segment) }),
    });
    // What is wrong with the call shows before the first piece, while it can still be answered.
    const first = await pieces.next();
    const body = Readable.toWeb(Readable.from(encoded(first, pieces), { highWaterMark: 2 }));
    return c.body(body as ReadableStream, 200, {
      'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
      'Content-Disposition': `attachment; filename="subscribers.${format}"`,
    });
  });
}

async function* encoded(
  first: IteratorResult<string, void>,
  pieces: AsyncGenerator<string, void>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  try {
    if (!first.done) yield encoder.encode(first.value);
    for await (const piece of pieces) yield encoder.encode(piece);
  } finally {
    // Also when nobody reads on: it holds a connection to the database.
    await pieces.return();
  }
}
