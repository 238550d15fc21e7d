import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { getEdition } from '../../editions/editions.ts';
import { UserError } from '../../errors.ts';
import type { LinkSigner } from '../../links.ts';
import { lookOf } from '../look.ts';
import { editionPolicy, PublicCopies, withBar } from '../public-copy.ts';
import { listToJoin } from './sign-up-path.ts';

/**
 * `/share/TOKEN`: an edition that a reader has passed on, without anything of theirs, and the way to subscribe. The token
 * names the edition alone.
 */
export function sharePages(context: Context, { signer }: { signer: LinkSigner }): Hono {
  const app = new Hono();
  const copies = new PublicCopies(context, signer);
  app.get('/:token', async (c) => {
    const [editionId, more] = signer.verify('share', c.req.param('token')) ?? [];
    if (editionId === undefined || more !== undefined) return c.notFound();
    try {
      const edition = await getEdition(context, editionId);
      if (edition.planned_at === null) return c.notFound();
      const look = await lookOf(context, c, { newsletterId: edition.newsletter_id });
      const newsletter = look.newsletter?.name ?? '';
      const signUp = await listToJoin(context, edition.newsletter_id);
      c.header('Content-Security-Policy', editionPolicy);
      return c.html(
        withBar(await copies.of(edition, look), look, {
          text: look.say('passedOn', { newsletter }),
          link: signUp ? { href: signUp, label: look.say('getIt') } : undefined,
        }),
      );
    } catch (error) {
      if (error instanceof UserError) return c.notFound();
      throw error;
    }
  });
  return app;
}

/** The path under which anyone may see an edition that was passed on to them. */
export function sharePath(signer: LinkSigner, editionId: number): string {
  return `/share/${signer.sign('share', [editionId])}`;
}
