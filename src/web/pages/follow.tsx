/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { linkOf } from '../../editions/edition-links.ts';
import type { EngagementBuffer } from '../../feedback/engagement-buffer.ts';
import type { LinkSigner } from '../../links.ts';
import { Message, show } from '../page.tsx';

const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

interface Following {
  signer: LinkSigner;
  engagement: EngagementBuffer;
}

/**
 * `/TOKEN/NUMBER`: a link of an edition that is counted. It leads where the edition's table of links says, never to an
 * address that stands in the link itself, so nobody can make it lead elsewhere.
 */
export function clickPages(context: Context, { signer, engagement }: Following): Hono {
  const app = new Hono();
  app.get('/:token/:number{[0-9]{1,6}}', async (c) => {
    c.header('Cache-Control', 'no-store');
    c.header('X-Robots-Tag', 'noindex');
    const [subscriberId, editionId] = signer.verify('click', c.req.param('token')) ?? [];
    const link =
      subscriberId === undefined || editionId === undefined
        ? undefined
        : await linkOf(context, editionId, Number(c.req.param('number')));
    if (!link || editionId === undefined || subscriberId === undefined)
      return show(
        c,
        <Message title="This link leads nowhere any more">
          <p>
            It may have been cut off in the mail, or its edition is no longer kept. The mail’s other links may
            still work.
          </p>
        </Message>,
        404,
      );
    // Hono answers HEAD as GET: programs that only look whether a link works read nothing.
    if (subscriberId > 0 && c.req.method === 'GET')
      engagement.add({
        editionId,
        subscriberId,
        kind: 'click',
        position: link.position < 0 ? undefined : link.position,
        related: link.related < 0 ? undefined : link.related,
        at: context.clock.now(),
      });
    return c.redirect(link.url, 302);
  });
  return app;
}

/** `/TOKEN.gif`: an invisible image that counts an opening. */
export function openPages(context: Context, { signer, engagement }: Following): Hono {
  const app = new Hono();
  app.get('/:file', (c) => {
    const token = /^(.+)\.gif$/.exec(c.req.param('file'))?.[1];
    const [subscriberId, editionId] = (token && signer.verify('click', token)) || [];
    if (subscriberId && editionId !== undefined && c.req.method === 'GET')
      engagement.add({ editionId, subscriberId, kind: 'open', at: context.clock.now() });
    // The same for every token: whether it is a right one is nobody's business.
    c.header('Content-Type', 'image/gif');
    c.header('Cache-Control', 'no-store');
    c.header('Cross-Origin-Resource-Policy', 'cross-origin');
    return c.body(pixel);
  });
  return app;
}
