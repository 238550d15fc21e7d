import { Hono } from 'hono';
import type { Context } from '../../context.ts';

/** `/NAME`: images of editions. A name is made of the content, so it never shows anything else. */
export function imagePages({ db }: Pick<Context, 'db'>): Hono {
  const app = new Hono();
  app.get('/:id{[A-Za-z0-9_-]{27}\\.(?:jpg|png)}', async (c) => {
    const image = await db
      .selectFrom('images')
      .select(['mime', 'bytes'])
      .where('id', '=', c.req.param('id'))
      .executeTakeFirst();
    if (!image?.bytes) return c.notFound();
    c.header('Content-Type', image.mime);
    c.header('Cache-Control', 'public, max-age=31536000, immutable');
    // Mail programs show it from anywhere.
    c.header('Cross-Origin-Resource-Policy', 'cross-origin');
    c.header('Content-Security-Policy', "default-src 'none'");
    return c.body(new Uint8Array(image.bytes));
  });
  return app;
}
