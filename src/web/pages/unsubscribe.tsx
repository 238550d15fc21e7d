/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { noteUnsubscribed } from '../../feedback/apply.ts';
import { type Subscription, subscriptionsOf } from '../../subscribers/find.ts';
import { undoUnsubscribe, unsubscribe } from '../../subscribers/subscribe.ts';
import type { Site } from '../app.tsx';
import { Message, Page, show, UnknownLink } from '../page.tsx';
import { formOf, originOf } from '../request.ts';

/**
 * `/unsubscribe/TOKEN`. Opening it shows what would be left and changes nothing, as mail scanners open every link.
 * A POST unsubscribes at once: from the form's button, or from a mail program's own (RFC 8058).
 */
export function unsubscribePages(context: Context, site: Site): Hono {
  const app = new Hono();

  /** What the link is about: the lists of the edition's newsletter, or without an edition everything. */
  const read = async (token: string) => {
    const parts = site.signer.verify('unsubscribe', token);
    const [subscriberId, editionId] = parts ?? [];
    if (parts?.length !== 2 || !subscriberId || editionId === undefined) return undefined;
    const newsletter = await newsletterOf(context, editionId);
    const subscriptions = await subscriptionsOf(context, subscriberId);
    const active = subscriptions.filter(({ state }) => state !== 'unsubscribed');
    return {
      token,
      subscriberId,
      editionId,
      name: newsletter?.name,
      subscriptions,
      leaving: newsletter ? active.filter(({ listId }) => newsletter.listIds.includes(listId)) : active,
      active,
      preferences: `/preferences/${site.signer.sign('preferences', [subscriberId, editionId])}`,
    };
  };

  const sayGoodbye = ({ subscriberId, editionId }: Link, left: number[]) => {
    for (const listId of left)
      site.background.run('sending a goodbye', () => site.letters.goodbye({ subscriberId, listId }));
    if (left.length > 0 && editionId > 0)
      site.background.run('counting who left', () => noteUnsubscribed(context, { editionId, subscriberId }));
  };

  app.get('/:token', async (c) => {
    const link = await read(c.req.param('token'));
    return link ? show(c, <Question link={link} />) : show(c, <UnknownLink />, 404);
  });

  app.post('/:token', async (c) => {
    const link = await read(c.req.param('token'));
    if (!link) return show(c, <UnknownLink />, 404);
    const form = await formOf(c);
    const { subscriberId } = link;

    if (form['List-Unsubscribe']?.includes('One-Click') || form.action?.[0] === 'leave') {
      const via = form.action ? 'page' : 'one-click';
      const lists = link.leaving.map(({ listId }) => listId);
      const { left } = await unsubscribe(context, subscriberId, lists, originOf(c, via));
      sayGoodbye(link, left);
      return show(c, <Left link={link} left={left} />);
    }
    if (form.action?.[0] === 'leave-all') {
      const { left } = await unsubscribe(context, subscriberId, 'all', originOf(c, 'page'));
      sayGoodbye(link, left);
      return show(c, <Left link={link} left={left} everything />);
    }
    if (form.action?.[0] === 'undo') {
      const lists = (form.list ?? []).map(Number).filter((id) => Number.isSafeInteger(id) && id > 0);
      const { resubscribed } = await undoUnsubscribe(context, subscriberId, lists, originOf(c, 'undo'));
      const names = link.subscriptions
        .filter(({ listId }) => resubscribed.includes(listId))
        .map(({ list }) => list);
      return show(c, <Undone link={link} names={names} />);
    }
    return show(c, <Question link={link} />, 400);
  });
  return app;
}

interface Link {
  token: string;
  subscriberId: number;
  /** 0: the link is of no edition. */
  editionId: number;
  name: string | undefined;
  subscriptions: Subscription[];
  /** What the button ends. */
  leaving: Subscription[];
  /** Everything the person gets, or waits to confirm. */
  active: Subscription[];
  preferences: string;
}

async function newsletterOf(context: Context, editionId: number) {
  const rows = await context.db
    .selectFrom('editions as e')
    .innerJoin('newsletters as n', 'n.id', 'e.newsletter_id')
    .leftJoin('newsletter_lists as l', 'l.newsletter_id', 'n.id')
    .where('e.id', '=', editionId)
    .select(['n.name', 'l.list_id'])
    .execute();
  return rows[0] && { name: rows[0].name, listIds: rows.map((row) => row.list_id) };
}

function Question({ link }: { link: Link }) {
  if (link.leaving.length === 0)
    return (
      <Message title="You are not subscribed any more" name={link.name}>
        <p>
          There is nothing more to do: you will get no more mail{link.name ? ` of ${link.name}` : ''} from us.
        </p>
        <LeaveEverything link={link} />
      </Message>
    );
  const [only] = link.leaving.length === 1 ? link.leaving : [];
  return (
    <Page title="Unsubscribe" name={link.name ?? only?.list}>
      <h1>{only ? `Stop getting ${only.list}?` : 'Stop getting these?'}</h1>
      {only ? null : (
        <ul class="items">
          {link.leaving.map(({ listId, list }) => (
            <li key={listId}>
              <span class="name">{list}</span>
            </li>
          ))}
        </ul>
      )}
      <p>You are still subscribed. One press of the button ends it at once.</p>
      <form method="post" action={`/unsubscribe/${link.token}`}>
        <button class="button" type="submit" name="action" value="leave">
          Unsubscribe
        </button>
      </form>
      <p class="quiet foot">
        Too much, or the wrong topics? <a href={link.preferences}>Choose what you get</a> instead.
      </p>
    </Page>
  );
}

function Left({ link, left, everything }: { link: Link; left: number[]; everything?: boolean }) {
  const names = link.subscriptions.filter(({ listId }) => left.includes(listId)).map(({ list }) => list);
  const undoable = link.subscriptions.filter(
    ({ listId, confirmedAt }) => left.includes(listId) && confirmedAt !== null,
  );
  return (
    <Message title="You are unsubscribed" name={link.name ?? names[0]}>
      {everything ? (
        <p>You will get nothing from us any more.</p>
      ) : (
        <p>
          {names.length > 0 ? (
            <>You will get no more mail of {sentenceList(names)}.</>
          ) : (
            'You had left already.'
          )}{' '}
          A mail that is on its way at this moment may still arrive.
        </p>
      )}
      {undoable.length > 0 ? (
        <form method="post" action={`/unsubscribe/${link.token}`}>
          {undoable.map(({ listId }) => (
            <input key={listId} type="hidden" name="list" value={String(listId)} />
          ))}
          <button class="button second" type="submit" name="action" value="undo">
            That was a mistake, undo it
          </button>
        </form>
      ) : null}
      {everything ? null : (
        <LeaveEverything
          link={{ ...link, active: link.active.filter(({ listId }) => !left.includes(listId)) }}
        />
      )}
    </Message>
  );
}

function LeaveEverything({ link }: { link: Link }) {
  if (link.active.length === 0) return null;
  return (
    <>
      <h2>You still get</h2>
      <ul class="items">
        {link.active.map(({ listId, list, state }) => (
          <li key={listId}>
            <span class="name">{list}</span>
            {state === 'pending' ? <span class="quiet"> (not confirmed yet)</span> : null}
          </li>
        ))}
      </ul>
      <form method="post" action={`/unsubscribe/${link.token}`}>
        <button class="button second" type="submit" name="action" value="leave-all">
          Unsubscribe from everything
        </button>
      </form>
      <p class="quiet foot">
        <a href={link.preferences}>Choose what you get</a>
      </p>
    </>
  );
}

function Undone({ link, names }: { link: Link; names: string[] }) {
  if (names.length === 0)
    return (
      <Message title="This cannot be undone any more" name={link.name}>
        <p>
          An unsubscription can be undone for a day. You are welcome to{' '}
          <a href={link.preferences}>subscribe again</a>.
        </p>
      </Message>
    );
  return (
    <Message title="Welcome back" name={link.name ?? names[0]}>
      <p>You are subscribed to {sentenceList(names)} as before.</p>
      <p class="quiet foot">
        <a href={link.preferences}>Choose topics and how often you get it</a>
      </p>
    </Message>
  );
}

const sentenceList = (names: string[]) =>
  new Intl.ListFormat('en', { style: 'long', type: 'conjunction' }).format(names);
