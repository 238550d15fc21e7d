/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { type Subscription, subscriptionsOf } from '../../subscribers/find.ts';
import { confirm } from '../../subscribers/subscribe.ts';
import type { Site } from '../app.tsx';
import { Message, Page, show, UnknownLink } from '../page.tsx';
import { formOf, originOf } from '../request.ts';

/**
 * `/confirm/TOKEN`: a button. Mail scanners open every link in a mail, so opening it confirms nothing; pressing the
 * button does.
 */
export function confirmPages(context: Context, site: Site): Hono {
  const app = new Hono();

  const read = async (token: string) => {
    const parts = site.signer.verify('confirm', token);
    const [subscriberId, listId, expires] = parts ?? [];
    if (parts?.length !== 3 || !subscriberId || !listId || expires === undefined) return undefined;
    const subscriptions = await subscriptionsOf(context, subscriberId);
    return {
      subscriberId,
      listId,
      expired: expires * 1000 < context.clock.now().getTime(),
      subscription: subscriptions.find((subscription) => subscription.listId === listId),
      // Asked for within the same hour as this one, and so without a mail of their own.
      alsoWaiting: subscriptions.filter(({ state, listId: id }) => state === 'pending' && id !== listId),
    };
  };
  const preferences = (subscriberId: number) =>
    `/preferences/${site.signer.sign('preferences', [subscriberId, 0])}`;

  app.get('/:token', async (c) => {
    const token = c.req.param('token');
    const link = await read(token);
    if (!link) return show(c, <UnknownLink />, 404);
    if (!link.subscription) return show(c, <Gone />, 404);
    const { subscription, expired, subscriberId } = link;
    if (subscription.state === 'confirmed')
      return show(c, <Already subscription={subscription} preferences={preferences(subscriberId)} />);
    if (expired) return show(c, <Expired subscription={subscription} token={token} />, 410);
    return show(
      c,
      <Page title="Confirm your subscription" name={subscription.list}>
        <h1>Would you like {subscription.list} by email?</h1>
        <p>Press the button, and it will come with the next edition.</p>
        <form method="post" action={`/confirm/${token}`}>
          <button class="button" type="submit">
            Yes, subscribe me
          </button>
        </form>
        <p class="quiet foot">If you did not ask for it, close this page. Nothing will be sent to you.</p>
      </Page>,
    );
  });

  app.post('/:token', async (c) => {
    const token = c.req.param('token');
    const link = await read(token);
    if (!link) return show(c, <UnknownLink />, 404);
    if (!link.subscription) return show(c, <Gone />, 404);
    const { subscription, subscriberId, listId } = link;
    const form = await formOf(c);
    if (form.action?.[0] === 'resend') {
      if (subscription.state === 'pending')
        site.background.run('sending a confirmation', () =>
          site.letters.confirmation({ subscriberId, listId }),
        );
      return show(
        c,
        <Message title="Please look in your mail" name={subscription.list}>
          <p>
            A new link is on its way. If you have asked within the last hour, the mail of then holds it
            already.
          </p>
        </Message>,
      );
    }
    if (link.expired && subscription.state !== 'confirmed')
      return show(c, <Expired subscription={subscription} token={token} />, 410);

    const { state } = await confirm(context, subscriberId, listId, originOf(c, 'link'));
    if (state === 'unknown') return show(c, <Gone />, 404);
    if (state === 'suppressed')
      return show(
        c,
        <Message title="We cannot send to this address" name={subscription.list}>
          <p>
            Mail to it was stopped, because it came back or at its owner's wish. Please write to whoever
            publishes {subscription.list} if you would like to get it again.
          </p>
        </Message>,
        409,
      );
    if (state === 'confirmed')
      site.background.run('sending a welcome', () => site.letters.welcome({ subscriberId, listId }));
    const later = Math.floor(context.clock.now().getTime() / 1000) + 3_600;
    return show(
      c,
      <Page title="You are subscribed" name={subscription.list}>
        <h1>You are subscribed</h1>
        <p>Thank you. {subscription.list} will come with the next edition.</p>
        {link.alsoWaiting.map((other) => (
          <form
            key={other.listId}
            method="post"
            action={`/confirm/${site.signer.sign('confirm', [subscriberId, other.listId, later])}`}
          >
            <p>You have asked for {other.list} as well.</p>
            <p>
              <button class="button second" type="submit">
                Subscribe to {other.list} too
              </button>
            </p>
          </form>
        ))}
        <p class="quiet foot">
          <a href={preferences(subscriberId)}>Choose topics and how often you get it</a>
        </p>
      </Page>,
    );
  });
  return app;
}

function Already({ subscription, preferences }: { subscription: Subscription; preferences: string }) {
  return (
    <Message title="You are subscribed already" name={subscription.list}>
      <p>There is nothing more to do. {subscription.list} will come with the next edition.</p>
      <p class="quiet foot">
        <a href={preferences}>Choose topics and how often you get it</a>
      </p>
    </Message>
  );
}

function Expired({ subscription, token }: { subscription: Subscription; token: string }) {
  return (
    <Message title="This link has expired" name={subscription.list}>
      <p>Links like this one work for seven days. We are happy to send another.</p>
      <form method="post" action={`/confirm/${token}`}>
        <button class="button" type="submit" name="action" value="resend">
          Send me a new link
        </button>
      </form>
    </Message>
  );
}

function Gone() {
  return (
    <Message title="There is nothing to confirm any more">
      <p>The subscription that this link was for is gone. You are welcome to subscribe again.</p>
    </Message>
  );
}
