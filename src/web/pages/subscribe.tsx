/** @jsxImportSource hono/jsx */
import { Hono, type Context as HonoContext } from 'hono';
import type { Context } from '../../context.ts';
import { UserError } from '../../errors.ts';
import { catalogueLanguage } from '../../rendering/words.ts';
import { parseAddress } from '../../subscribers/address.ts';
import { noteWording } from '../../subscribers/consent.ts';
import { findList, type List } from '../../subscribers/lists.ts';
import { subscribe } from '../../subscribers/subscribe.ts';
import { FormGuard } from '../abuse/guard.ts';
import { challengeFor } from '../abuse/proof.ts';
import { ageOfStamp } from '../abuse/stamps.ts';
import type { Site } from '../app.tsx';
import { type Look, lookOf } from '../look.ts';
import { Message, show } from '../page.tsx';
import { formOf, originOf } from '../request.ts';
import { pagePolicy } from '../security-headers.ts';
import { inSteps } from '../steps.ts';
import { wrongIn } from '../wrong.ts';
import { EmbedCode } from './embed-code.tsx';
import { SubscribeForm, Thanks, wordingOf } from './subscribe-form.tsx';
import { showTooMany } from './too-many.tsx';

/**
 * `/subscribe/LIST`: a form. Its answer is the same, and takes as long, whether the address is known, new, or must not be
 * mailed. With `framed` the same for `/embed/LIST`, which other sites may show in a frame.
 */
export function subscribePages(context: Context, site: Site, { framed = false } = {}): Hono {
  const app = new Hono();
  const guard = new FormGuard(context, site.signer);

  const page = async (c: HonoContext) => {
    const list = await listOf(context, c.req.param('list') ?? '');
    const look = await lookOf(context, c, { listId: list?.id });
    if (list)
      c.header('Content-Security-Policy', pagePolicy({ picture: look.logo?.url, task: true, framed }));
    const base = `/${framed ? 'embed' : 'subscribe'}/${list?.slug}`;
    const lang = c.req.query('lang') ? `?lang=${look.language}` : '';
    return { list, look, paths: { form: base + lang, task: `${base}/task` } };
  };

  app.get('/:list', async (c) => {
    const { list, look, paths } = await page(c);
    if (!list) return showNoSuchList(c, look);
    return show(
      c,
      <SubscribeForm list={list} look={look} paths={paths} framed={framed} stamp={guard.stamp(list.id)} />,
    );
  });

  if (framed)
    app.get('/:list/code', async (c) => {
      const { list, look } = await page(c);
      if (!list) return showNoSuchList(c, look);
      c.header('Content-Security-Policy', pagePolicy());
      return show(c, <EmbedCode list={list} look={look} publicUrl={context.config.publicUrl} />);
    });

  app.get('/:list/task', async (c) => {
    const list = await listOf(context, c.req.param('list'));
    const stamp = c.req.query('stamp') ?? '';
    if (!list || ageOfStamp(context.clock, site.signer, list.id, stamp) === undefined) return c.notFound();
    return c.json(await challengeFor(site.signer, stamp));
  });

  app.post('/:list', async (c) => {
    const { list, look, paths } = await page(c);
    if (!list) return showNoSuchList(c, look);
    const form = await formOf(c);
    const given = {
      email: (form.email?.[0] ?? '').trim(),
      name: form.name?.[0] ?? '',
      topics: (form.topics ?? []).filter((topic) => list.topics.includes(topic)),
    };
    const thanks = () => show(c, <Thanks list={list} look={look} email={given.email} framed={framed} />);
    const again = (stamp: string, more: { error?: string; notice?: string }, status: 200 | 422) =>
      show(c, <SubscribeForm {...{ list, look, paths, framed, given, stamp }} {...more} />, status);
    // People do not see this field; programs fill it in. They are thanked and forgotten.
    if (form.website?.[0]) return thanks();
    try {
      const address = parseAddress(given.email);
      const verdict = await guard.signUp(c, {
        listId: list.id,
        stamp: form.stamp?.[0] ?? '',
        proof: form.proof?.[0] ?? '',
        email: address,
      });
      if (!verdict.pass)
        return verdict.because === 'too-many'
          ? showTooMany(c, look, verdict.waitSeconds, framed)
          : again(verdict.stamp, { notice: look.say('onceMoreText') }, 200);
      await inSteps(() => signUp(c, list, look, { ...given, key: address.key }));
      return thanks();
    } catch (error) {
      return again(guard.stamp(list.id), { error: wrongIn(look, error) }, 422);
    }
  });

  const signUp = async (
    c: HonoContext,
    list: List,
    look: Look,
    { email, key, name, topics }: { email: string; key: string; name: string; topics: string[] },
  ) => {
    const { subscriberId, state, needsConfirmation } = await subscribe(context, {
      ...originOf(c, 'form', context.config),
      wording: await noteWording(context, { language: look.language, text: wordingOf(list, look) }),
      list: list.id,
      email,
      name,
      topics: topics.length > 0 ? topics : undefined,
      language: ownLanguage(look),
    });
    if (!subscriberId) return;
    const about = { subscriberId, listId: list.id };
    if (needsConfirmation)
      site.background.run(
        'sending a confirmation',
        async () => (await guard.mayConfirm({ key })) && site.letters.confirmation(about),
      );
    if (state === 'confirmed')
      site.background.run(
        'sending a welcome',
        async () => (await guard.mayWelcome({ key })) && site.letters.welcome(about),
      );
  };
  return app;
}

/** The language that someone signed up in, if mail would not come in it anyway. */
function ownLanguage({ language, newsletter }: Look): string | undefined {
  return language === catalogueLanguage(newsletter?.language ?? 'en') ? undefined : language;
}

/** A list that people may subscribe to. */
async function listOf(context: Context, slug: string): Promise<List | undefined> {
  try {
    // By its slug alone: counting through ids would tell which lists there are.
    if (/^\d+$/.test(slug)) return undefined;
    const list = await findList(context, slug);
    return list.archivedAt === null ? list : undefined;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function showNoSuchList(c: HonoContext, look: Look) {
  return show(
    c,
    <Message title={look.say('noSuchList')} look={look}>
      <p>{look.say('noSuchListText')}</p>
    </Message>,
    404,
  );
}
