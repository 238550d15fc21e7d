/** @jsxImportSource hono/jsx */
import { Hono, type Context as HonoContext } from 'hono';
import type { Context } from '../../context.ts';
import { noteUnsubscribed } from '../../feedback/apply.ts';
import { listsOfEdition } from '../../feedback/edition-lists.ts';
import { heldSubscriptionsOf } from '../../subscribers/find.ts';
import { leaveReasons, noteLeaveReason } from '../../subscribers/leave-reasons.ts';
import { undoUnsubscribe, unsubscribe } from '../../subscribers/subscribe.ts';
import type { Site } from '../app.tsx';
import { lookOf } from '../look.ts';
import { Message, show, UnknownLink } from '../page.tsx';
import { formOf, originOf } from '../request.ts';
import { Left, type Link, Question, Undone } from './unsubscribe-views.tsx';

/**
 * `/unsubscribe/TOKEN`. Opening it shows what would be left and changes nothing, as mail scanners open every link.
 * A POST unsubscribes at once: from the form's button, or from a mail program's own (RFC 8058).
 */
export function unsubscribePages(context: Context, site: Site): Hono {
  const app = new Hono();

  /** What the link is about: the lists of the edition's newsletter, or without an edition, or one that nothing is known of, everything. */
  const read = async (c: HonoContext, token: string): Promise<Link | undefined> => {
    const parts = site.signer.verify('unsubscribe', token);
    const [subscriberId, editionId] = parts ?? [];
    if (parts?.length !== 2 || !subscriberId || editionId === undefined) return undefined;
    const newsletter = await listsOfEdition(context, editionId);
    const subscriptions = await heldSubscriptionsOf(context, subscriberId);
    const person = await context.db
      .selectFrom('subscribers')
      .select('language')
      .where('id', '=', subscriberId)
      .executeTakeFirst();
    const look = await lookOf(context, c, {
      ...(editionId > 0 ? { editionId } : { subscriberId }),
      language: person?.language,
    });
    const active = subscriptions.filter(({ state }) => state !== 'unsubscribed');
    const meant = newsletter
      ? subscriptions.filter(({ listId }) => newsletter.listIds.includes(listId))
      : subscriptions;
    return {
      token,
      subscriberId,
      editionId,
      look,
      name: newsletter?.newsletter,
      subscriptions,
      meant,
      leaving: meant.filter(({ state }) => state !== 'unsubscribed'),
      active,
      preferences: `/preferences/${site.signer.sign('preferences', [subscriberId, editionId])}`,
    };
  };
  const showUnknown = async (c: HonoContext) => show(c, <UnknownLink look={await lookOf(context, c)} />, 404);

  const sayGoodbye = ({ subscriberId, editionId }: Link, left: number[]) => {
    for (const listId of left)
      site.background.run('sending a goodbye', () => site.letters.goodbye({ subscriberId, listId }));
    if (left.length > 0 && editionId > 0)
      site.background.run('counting who left', () => noteUnsubscribed(context, { editionId, subscriberId }));
  };

  app.get('/:token', async (c) => {
    const link = await read(c, c.req.param('token'));
    return link ? show(c, <Question link={link} />) : showUnknown(c);
  });

  app.post('/:token', async (c) => {
    const link = await read(c, c.req.param('token'));
    if (!link) return showUnknown(c);
    const form = await formOf(c);
    const { subscriberId } = link;
    const action = form.action?.[0];
    const origin = (via: string) => originOf(c, via, context.config);

    if (form['List-Unsubscribe']?.includes('One-Click') || action === 'leave') {
      const lists = link.meant.map(({ listId }) => listId);
      const { left } = await unsubscribe(
        context,
        subscriberId,
        lists,
        origin(form.action ? 'page' : 'one-click'),
      );
      sayGoodbye(link, left);
      return show(c, <Left link={link} left={left} />);
    }
    if (action === 'leave-all') {
      const { left } = await unsubscribe(context, subscriberId, 'all', origin('page'));
      sayGoodbye(link, left);
      return show(c, <Left link={link} left={left} everything />);
    }
    const listsIn = (name: string) =>
      (form[name] ?? []).map(Number).filter((id) => Number.isSafeInteger(id) && id > 0);
    if (action === 'undo') {
      const { resubscribed } = await undoUnsubscribe(context, subscriberId, listsIn('list'), origin('undo'));
      const names = link.subscriptions
        .filter(({ listId }) => resubscribed.includes(listId))
        .map(({ list }) => list);
      return show(c, <Undone link={link} names={names} />);
    }
    const reason = leaveReasons.find((each) => each === form.reason?.[0]);
    if (action === 'why') {
      const comment = form.comment?.[0];
      if (reason || comment)
        await noteLeaveReason(context, subscriberId, listsIn('left'), { reason: reason ?? 'other', comment });
      const { look, name } = link;
      return show(
        c,
        <Message title={look.say('thanksForAnswer')} name={name} look={look}>
          <p>{look.say('thanksForAnswerText')}</p>
        </Message>,
      );
    }
    return show(c, <Question link={link} />, 400);
  });
  return app;
}
