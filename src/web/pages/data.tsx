/** @jsxImportSource hono/jsx */
import { Hono, type Context as HonoContext } from 'hono';
import type { Context } from '../../context.ts';
import { UserError } from '../../errors.ts';
import { parseAddress } from '../../subscribers/address.ts';
import { removeSubscriber } from '../../subscribers/erasure.ts';
import { exportPerson, personHtml } from '../../subscribers/person-export.ts';
import { FormGuard } from '../abuse/guard.ts';
import type { Site } from '../app.tsx';
import { type Look, lookOf } from '../look.ts';
import { Message, Page, show, UnknownLink, WithBold } from '../page.tsx';
import { formOf, originOf } from '../request.ts';
import { wrongIn } from '../wrong.ts';
import { AskForLink, LinkIsComing } from './ask-for-link.tsx';
import { showTooMany } from './too-many.tsx';

/** A copy is a page of its own, with its own styles. */
const copyPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * `/data` mails a link to whoever asks for their data; what it answers does not tell whether an address is known.
 * `/data/TOKEN` gives a copy, to read and for programs, and erases after a second question. Links work for a day.
 */
export function dataPages(context: Context, site: Site): Hono {
  const app = new Hono();
  const guard = new FormGuard(context, site.signer);

  const read = async (c: HonoContext, token: string) => {
    const parts = site.signer.verify('data', token);
    const [id, expires] = parts ?? [];
    if (parts?.length !== 2 || !id || expires === undefined) return undefined;
    const person = await context.db
      .selectFrom('subscribers')
      .select(['email', 'language'])
      .where('id', '=', id)
      .executeTakeFirst();
    const look = await lookOf(context, c, { subscriberId: id, language: person?.language });
    const isOver = expires * 1000 < context.clock.now().getTime();
    return { id, token, look, person: isOver ? undefined : person, isOver };
  };
  type Link = NonNullable<Awaited<ReturnType<typeof read>>>;

  const showNothing = async (c: HonoContext, link: Link | undefined) => {
    if (!link) return show(c, <UnknownLink look={await lookOf(context, c)} />, 404);
    return link.isOver
      ? show(c, <Expired look={link.look} />, 410)
      : show(c, <Erased look={link.look} />, 404);
  };

  app.get('/', async (c) => show(c, <AskForLink look={await lookOf(context, c)} {...askForData} />));

  app.post('/', async (c) => {
    const look = await lookOf(context, c);
    const email = ((await formOf(c)).email?.[0] ?? '').trim();
    try {
      parseAddress(email);
    } catch (error) {
      const ask = <AskForLink look={look} {...askForData} email={email} error={wrongIn(look, error)} />;
      return show(c, ask, 422);
    }
    const allowed = await guard.askForLink(c);
    if (!allowed.pass) return showTooMany(c, look, allowed.waitSeconds);
    site.background.run('sending a link to data', () => site.letters.dataLink(email));
    return show(c, <LinkIsComing look={look} email={email} />);
  });

  app.get('/:token', async (c) => {
    const link = await read(c, c.req.param('token'));
    if (!link?.person) return showNothing(c, link);
    return show(c, <Overview look={link.look} token={link.token} email={link.person.email} />);
  });

  app.get('/:token/copy.html', async (c) => {
    const link = await read(c, c.req.param('token'));
    if (!link?.person) return showNothing(c, link);
    c.header('Content-Security-Policy', copyPolicy);
    return c.html(personHtml(await exportPerson(context, link.id)));
  });

  app.get('/:token/copy.json', async (c) => {
    const link = await read(c, c.req.param('token'));
    if (!link?.person) return showNothing(c, link);
    c.header('Content-Type', 'application/json; charset=utf-8');
    c.header('Content-Disposition', 'attachment; filename="my-data.json"');
    return c.body(`${JSON.stringify(await exportPerson(context, link.id), null, 2)}\n`);
  });

  app.get('/:token/erase', async (c) => {
    const link = await read(c, c.req.param('token'));
    if (!link?.person) return showNothing(c, link);
    return show(c, <Question look={link.look} token={link.token} email={link.person.email} />);
  });

  app.post('/:token/erase', async (c) => {
    const link = await read(c, c.req.param('token'));
    if (!link?.person) return showNothing(c, link);
    if ((await formOf(c)).action?.[0] !== 'erase')
      return show(c, <Question look={link.look} token={link.token} email={link.person.email} />, 400);
    try {
      await removeSubscriber(context, link.id, originOf(c, 'page', context.config));
    } catch (error) {
      // Erased by another press of the button, at the same moment.
      if (!(error instanceof UserError) || error.code !== 'not-found') throw error;
    }
    return show(c, <Erased look={link.look} />);
  });
  return app;
}

const askForData = { action: '/data', title: 'yourData', text: 'yourDataText' } as const;

interface Own {
  look: Look;
  token: string;
  email: string;
}

function Overview({ look, token, email }: Own) {
  const { say, newsletter } = look;
  return (
    <Page title={say('yourData')} name={newsletter?.name} look={look}>
      <h1>{say('yourData')}</h1>
      <p>
        <WithBold text={say('dataFor', { email })} bold={email} />
      </p>
      <h2>{say('dataCopy')}</h2>
      <p>{say('dataCopyText')}</p>
      <p class="actions">
        <a class="button" href={`/data/${token}/copy.html`}>
          {say('readCopy')}
        </a>
        <a class="button second" href={`/data/${token}/copy.json`}>
          {say('downloadCopy')}
        </a>
      </p>
      <h2>{say('erase')}</h2>
      <p>{say('eraseText')}</p>
      <p>
        <a class="button second" href={`/data/${token}/erase`}>
          {say('erase')}
        </a>
      </p>
    </Page>
  );
}

function Question({ look, token, email }: Own) {
  const { say, newsletter } = look;
  return (
    <Page title={say('eraseQuestion')} name={newsletter?.name} look={look}>
      <h1>{say('eraseQuestion')}</h1>
      <p>
        <WithBold text={say('forEmail', { email })} bold={email} />
      </p>
      <p>{say('eraseText')}</p>
      <form method="post" action={`/data/${token}/erase`}>
        <button class="button danger" type="submit" name="action" value="erase">
          {say('eraseButton')}
        </button>
      </form>
      <p class="quiet foot">
        <a href={`/data/${token}`}>{say('goBack')}</a>
      </p>
    </Page>
  );
}

function Erased({ look }: { look: Look }) {
  return (
    <Message title={look.say('erased')} look={look}>
      <p>{look.say('erasedText')}</p>
    </Message>
  );
}

function Expired({ look }: { look: Look }) {
  return (
    <Message title={look.say('expired')} look={look}>
      <p>{look.say('dataExpired')}</p>
      <p>
        <a class="button" href="/data">
          {look.say('mailLink')}
        </a>
      </p>
    </Message>
  );
}
