import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { composePage, prepareComposer } from '../../delivery/compose.ts';
import { anybody, loadReaders } from '../../delivery/readers.ts';
import { getEdition } from '../../editions/editions.ts';
import { UserError } from '../../errors.ts';
import type { LinkSigner } from '../../links.ts';

// An edition may show pictures from anywhere, and its theme's own styles; nothing in it runs or is sent anywhere.
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/**
 * An edition in the browser: `/view/TOKEN`, for the reader that the token names, as it was sent to them. Reader 0 is
 * nobody in particular: the link that editors get for a preview.
 */
export function viewPage(context: Context, { signer }: { signer: LinkSigner }): Hono {
  const app = new Hono();
  app.get('/:token', async (c) => {
    const [subscriberId, editionId] = signer.verify('view', c.req.param('token')) ?? [];
    if (subscriberId === undefined || editionId === undefined) return c.notFound();
    try {
      const edition = await getEdition(context, editionId);
      const composer = await prepareComposer(context, edition, signer);
      const [reader] =
        subscriberId > 0
          ? await loadReaders(context, edition.newsletter_id, [subscriberId], composer.past)
          : [];
      const delivery = await context.db
        .selectFrom('deliveries')
        .select('stories')
        .where('edition_id', '=', editionId)
        .where('subscriber_id', '=', subscriberId)
        .executeTakeFirst();
      const page = composePage(
        context,
        composer,
        // Someone who has been erased keeps the page, without their name.
        reader ?? anybody(subscriberId, 'this address'),
        delivery?.stories ?? undefined,
      );
      c.header('Content-Security-Policy', policy);
      return c.html(page.html);
    } catch (error) {
      if (error instanceof UserError) return c.notFound();
      throw error;
    }
  });
  return app;
}

/** The path at which an edition can be seen by whoever has the link. */
export function previewPath(signer: LinkSigner, editionId: number): string {
  return `/view/${signer.sign('view', [0, editionId])}`;
}
