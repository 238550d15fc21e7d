/** @jsxImportSource hono/jsx */
import { Hono, type HonoRequest } from 'hono';
import type { Context } from '../../context.ts';
import type { EngagementBuffer } from '../../feedback/engagement-buffer.ts';
import { sourceOf } from '../../feedback/engagement-source.ts';
import type { LinkSigner } from '../../links.ts';
import { KnownLinks } from '../known-links.ts';
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
  const links = new KnownLinks(context);
  const app = new Hono();
  app.get('/:token/:number{[0-9]{1,6}}', async (c) => {
    c.header('Cache-Control', 'no-store');
    c.header('X-Robots-Tag', 'noindex');
    const counted = countedBy(signer, c.req.param('token'));
    const link = counted && (await links.get(counted.editionId, Number(c.req.param('number'))));
    if (!counted || !link)
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
    if (counted.subscriberId !== 0)
      engagement.add({
        ...counted,
        kind: 'click',
        position: link.position < 0 ? undefined : link.position,
        related: link.related < 0 ? undefined : link.related,
        at: context.clock.now(),
        source: sourceOf(asking(c.req)),
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
    const counted = token === undefined ? undefined : countedBy(signer, token);
    if (counted && counted.subscriberId !== 0)
      engagement.add({
        ...counted,
        kind: 'open',
        at: context.clock.now(),
        source: sourceOf(asking(c.req)),
      });
    // The same for every token: whether it is a right one is nobody's business.
    c.header('Content-Type', 'image/gif');
    c.header('Cache-Control', 'no-store');
    c.header('Cross-Origin-Resource-Policy', 'cross-origin');
    return c.body(pixel);
  });
  return app;
}

/** What a token counts for: a reader's edition, or an edition. The reader 0 is nobody: mail that was sent for a look. */
function countedBy(
  signer: LinkSigner,
  token: string,
): { editionId: number; subscriberId: number | undefined } | undefined {
  const reader = signer.verify('click', token);
  if (reader?.[0] !== undefined && reader[1] !== undefined)
    return { subscriberId: reader[0], editionId: reader[1] };
  const [editionId] = signer.verify('count', token) ?? [];
  return editionId === undefined ? undefined : { subscriberId: undefined, editionId };
}

function asking({ method, raw }: HonoRequest) {
  return {
    method,
    userAgent: raw.headers.get('user-agent') ?? undefined,
    purpose: raw.headers.get('sec-purpose') ?? raw.headers.get('purpose') ?? undefined,
  };
}
