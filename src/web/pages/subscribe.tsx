/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { UserError } from '../../errors.ts';
import { findList, type List } from '../../subscribers/lists.ts';
import { subscribe } from '../../subscribers/subscribe.ts';
import type { Site } from '../app.tsx';
import { Message, Page, show } from '../page.tsx';
import { formOf, originOf } from '../request.ts';

/** `/subscribe/LIST`: a form. Its answer is the same whether the address is known, new, or must not be mailed. */
export function subscribePages(context: Context, site: Site): Hono {
  const app = new Hono();

  app.get('/:list', async (c) => {
    const list = await listOf(context, c.req.param('list'));
    return list ? show(c, <SubscribeForm list={list} />) : show(c, <NoSuchList />, 404);
  });

  app.post('/:list', async (c) => {
    const list = await listOf(context, c.req.param('list'));
    if (!list) return show(c, <NoSuchList />, 404);
    const form = await formOf(c);
    const email = form.email?.[0] ?? '';
    const name = form.name?.[0] ?? '';
    const topics = (form.topics ?? []).filter((topic) => list.topics.includes(topic));
    // People do not see this field; programs fill it in. They are thanked and forgotten.
    if (form.website?.[0]) return show(c, <Thanks list={list} email={email} />);
    try {
      const { subscriberId, state, needsConfirmation } = await subscribe(context, {
        ...originOf(c, 'form'),
        list: list.id,
        email,
        name,
        topics: topics.length > 0 ? topics : undefined,
      });
      if (needsConfirmation && subscriberId)
        site.background.run('sending a confirmation', () =>
          site.letters.confirmation({ subscriberId, listId: list.id }),
        );
      if (state === 'confirmed' && subscriberId)
        site.background.run('sending a welcome', () =>
          site.letters.welcome({ subscriberId, listId: list.id }),
        );
      return show(c, <Thanks list={list} email={email.trim()} />);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return show(
        c,
        <SubscribeForm list={list} given={{ email, name, topics }} error={error.message} />,
        422,
      );
    }
  });
  return app;
}

async function listOf(context: Context, slug: string): Promise<List | undefined> {
  try {
    // By its slug alone: counting through ids would tell which lists there are.
    return /^\d+$/.test(slug) ? undefined : await findList(context, slug);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function SubscribeForm({
  list,
  given = { email: '', name: '', topics: [] },
  error,
}: {
  list: List;
  given?: { email: string; name: string; topics: string[] };
  error?: string;
}) {
  return (
    <Page title="Subscribe" name={list.name} motto={list.description}>
      <h1>Get {list.name} by email</h1>
      <form class="fields" method="post" action={`/subscribe/${list.slug}`} novalidate>
        <div class="field">
          <label for="email">Your email address</label>
          <input
            id="email"
            name="email"
            type="email"
            autocomplete="email"
            autocapitalize="none"
            spellcheck={false}
            maxlength={320}
            required
            value={given.email}
            aria-invalid={error ? 'true' : undefined}
            aria-describedby={error ? 'email-error' : undefined}
          />
          {error ? (
            <p class="error" id="email-error">
              {error}
            </p>
          ) : null}
        </div>
        <div class="field">
          <label for="name">
            Your name <span class="optional">(if you like)</span>
          </label>
          <input id="name" name="name" type="text" autocomplete="name" maxlength={200} value={given.name} />
        </div>
        {list.topics.length > 0 ? (
          <fieldset class="field">
            <legend class="label">
              What interests you most? <span class="optional">(it comes first)</span>
            </legend>
            <div class="choices">
              {list.topics.map((topic) => (
                <label key={topic} class="choice">
                  <input type="checkbox" name="topics" value={topic} checked={given.topics.includes(topic)} />
                  <span class="topic-name">{topic}</span>
                </label>
              ))}
            </div>
          </fieldset>
        ) : null}
        <p class="trap" aria-hidden="true">
          <label>
            Leave this empty <input type="text" name="website" tabindex={-1} autocomplete="off" />
          </label>
        </p>
        <button class="button" type="submit">
          Subscribe
        </button>
      </form>
      <p class="quiet foot">You can leave with one click at any time; the link is in every mail.</p>
    </Page>
  );
}

function Thanks({ list, email }: { list: List; email: string }) {
  return (
    <Message title={list.optIn === 'double' ? 'Please look in your mail' : 'Thank you'} name={list.name}>
      {list.optIn === 'double' ? (
        <>
          <p>
            We have sent a mail to <b>{email}</b>. Open it and press the button in it, and {list.name} will
            come with the next edition.
          </p>
          <p class="quiet">
            Nothing there after a few minutes? Look among the spam. If you have asked within the last hour, or
            are subscribed already, we do not write again.
          </p>
        </>
      ) : (
        <>
          <p>
            {list.name} will come to <b>{email}</b> with the next edition.
          </p>
          <p class="quiet">
            If this address left the list before, please confirm in the mail that we have sent.
          </p>
        </>
      )}
    </Message>
  );
}

function NoSuchList() {
  return (
    <Message title="There is no such newsletter">
      <p>It may have been renamed or closed. Please check the address.</p>
    </Message>
  );
}
