/** @jsxImportSource hono/jsx */
import { Hono, type Context as HonoContext } from 'hono';
import type { Context } from '../../context.ts';
import { noteWording } from '../../subscribers/consent.ts';
import { subscriptionsOf } from '../../subscribers/find.ts';
import { currentListId } from '../../subscribers/lists.ts';
import { confirm } from '../../subscribers/subscribe.ts';
import type { Site } from '../app.tsx';
import { type Look, lookOf } from '../look.ts';
import { Message, Page, show, UnknownLink } from '../page.tsx';
import { formOf, originOf } from '../request.ts';
import { latestEdition } from './archive-editions.ts';

/**
 * `/confirm/TOKEN`: a button. Mail scanners open every link in a mail, so opening it confirms nothing; pressing the
 * button does, and shows the welcome.
 */
export function confirmPages(context: Context, site: Site): Hono {
  const app = new Hono();

  const read = async (c: HonoContext, token: string) => {
    const parts = site.signer.verify('confirm', token);
    const [subscriberId, mailedListId, expires] = parts ?? [];
    if (parts?.length !== 3 || !subscriberId || !mailedListId || expires === undefined) return undefined;
    const listId = await currentListId(context, mailedListId);
    const subscriptions = await subscriptionsOf(context, subscriberId);
    const person = await context.db
      .selectFrom('subscribers')
      .select('language')
      .where('id', '=', subscriberId)
      .executeTakeFirst();
    const look = await lookOf(context, c, { listId, language: person?.language });
    return {
      subscriberId,
      listId,
      look,
      expired: expires * 1000 < context.clock.now().getTime(),
      subscription: subscriptions.find((subscription) => subscription.listId === listId),
      // Asked for within the same hour as this one, and so without a mail of their own.
      alsoWaiting: subscriptions.filter(
        ({ state, archived, listId: id }) => state === 'pending' && !archived && id !== listId,
      ),
      preferences: `/preferences/${site.signer.sign('preferences', [subscriberId, 0])}`,
    };
  };
  const showUnknown = async (c: HonoContext) => show(c, <UnknownLink look={await lookOf(context, c)} />, 404);

  app.get('/:token', async (c) => {
    const token = c.req.param('token');
    const link = await read(c, token);
    if (!link) return showUnknown(c);
    const { subscription, expired, look, preferences } = link;
    if (!subscription) return show(c, <Gone look={look} />, 404);
    if (subscription.state === 'confirmed')
      return show(c, <Already look={look} list={subscription.list} preferences={preferences} />);
    if (subscription.archived) return show(c, <Closed look={look} />, 410);
    if (expired) return show(c, <Expired look={look} list={subscription.list} token={token} />, 410);
    return show(c, <Question look={look} list={subscription.list} token={token} />);
  });

  app.post('/:token', async (c) => {
    const token = c.req.param('token');
    const link = await read(c, token);
    if (!link) return showUnknown(c);
    const { subscription, subscriberId, listId, look } = link;
    const { say } = look;
    if (!subscription) return show(c, <Gone look={look} />, 404);
    const { list } = subscription;
    const form = await formOf(c);
    if (form.action?.[0] === 'resend') {
      if (subscription.archived) return show(c, <Closed look={look} />, 410);
      if (subscription.state === 'pending')
        site.background.run('sending a confirmation', () =>
          site.letters.confirmation({ subscriberId, listId }),
        );
      return show(
        c,
        <Message title={say('lookInMail')} name={list} look={look}>
          <p>{say('newLinkSent')}</p>
        </Message>,
      );
    }
    if (link.expired && subscription.state !== 'confirmed')
      return show(c, <Expired look={look} list={list} token={token} />, 410);

    const wording = [say('confirmQuestion', { list }), say('confirmText'), say('confirmButton')].join('\n');
    const { state } = await confirm(context, subscriberId, listId, {
      ...originOf(c, 'link', context.config),
      wording: await noteWording(context, { language: look.language, text: wording }),
    });
    if (state === 'unknown') return show(c, <Gone look={look} />, 404);
    if (state === 'closed') return show(c, <Closed look={look} />, 410);
    if (state === 'suppressed')
      return show(
        c,
        <Message title={say('cannotSend')} name={list} look={look}>
          <p>{say('cannotSendText', { list })}</p>
        </Message>,
        409,
      );
    if (state === 'confirmed')
      site.background.run('sending a welcome', () => site.letters.welcome({ subscriberId, listId }));
    const later = Math.floor(context.clock.now().getTime() / 1000) + 3_600;
    const latest = look.newsletter?.hasArchive ? await latestEdition(context, look.newsletter.id) : undefined;
    return show(
      c,
      <Page title={say('subscribed')} name={list} look={look}>
        <h1>{say('subscribed')}</h1>
        <p>{say('subscribedText', { list })}</p>
        {latest ? (
          <p>
            <a class="button" href={`/archive/${look.newsletter?.slug}/${latest}`}>
              {say('readLatest')}
            </a>
          </p>
        ) : null}
        {link.alsoWaiting.map((other) => (
          <form
            key={other.listId}
            method="post"
            action={`/confirm/${site.signer.sign('confirm', [subscriberId, other.listId, later])}`}
          >
            <p>{say('askedAlso', { list: other.list })}</p>
            <p>
              <button class="button second" type="submit">
                {say('subscribeToo', { list: other.list })}
              </button>
            </p>
          </form>
        ))}
        <p class="quiet foot">
          <a href={link.preferences}>{say('chooseDetails')}</a>
        </p>
      </Page>,
    );
  });
  return app;
}

interface Said {
  look: Look;
  list: string;
}

function Question({ look, list, token }: Said & { token: string }) {
  const { say } = look;
  return (
    <Page title={say('confirm')} name={list} look={look}>
      <h1>{say('confirmQuestion', { list })}</h1>
      <p>{say('confirmText')}</p>
      <form method="post" action={`/confirm/${token}`}>
        <button class="button" type="submit">
          {say('confirmButton')}
        </button>
      </form>
      <p class="quiet foot">{say('notAsked')}</p>
    </Page>
  );
}

function Already({ look, list, preferences }: Said & { preferences: string }) {
  const { say } = look;
  return (
    <Message title={say('alreadySubscribed')} name={list} look={look}>
      <p>{say('alreadyText', { list })}</p>
      <p class="quiet foot">
        <a href={preferences}>{say('chooseDetails')}</a>
      </p>
    </Message>
  );
}

function Expired({ look, list, token }: Said & { token: string }) {
  const { say } = look;
  return (
    <Message title={say('expired')} name={list} look={look}>
      <p>{say('expiredText')}</p>
      <form method="post" action={`/confirm/${token}`}>
        <button class="button" type="submit" name="action" value="resend">
          {say('sendNewLink')}
        </button>
      </form>
    </Message>
  );
}

function Closed({ look }: { look: Look }) {
  return (
    <Message title={look.say('noSuchList')} look={look}>
      <p>{look.say('noSuchListText')}</p>
    </Message>
  );
}

function Gone({ look }: { look: Look }) {
  return (
    <Message title={look.say('nothingToConfirm')} look={look}>
      <p>{look.say('nothingToConfirmText')}</p>
    </Message>
  );
}
