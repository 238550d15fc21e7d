/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { type Act, may, visibleNewsletters } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import { newsletterHoldings, removeNewsletter } from '../../../delivery/remove-editions.ts';
import { listRoutes } from '../../../delivery/routes.ts';
import {
  createNewsletter,
  editNewsletter,
  findNewsletter,
  listNewsletters,
  type Newsletter,
  type NewsletterFields,
  setNewsletterPaused,
} from '../../../editions/newsletters.ts';
import { UserError } from '../../../errors.ts';
import type { Brand } from '../../../rendering/brand.ts';
import { renderLook } from '../../../rendering/look.ts';
import { createList, slugOf } from '../../../subscribers/lists.ts';
import { formOf } from '../../request.ts';
import { doNoted } from '../access/door.ts';
import { framed, frameHeaders, saidPage } from '../edition/preview-frame.ts';
import type { DeskCall, DeskEnv } from '../env.ts';
import { showDesk } from '../frame.tsx';
import { errorSaid } from '../sayings/errors.ts';
import { isSeen, lastActor } from '../seen.ts';
import { asksForPiece } from '../toast.tsx';
import { speaking } from '../words/words.ts';
import { deskZone } from '../zone.ts';
import { choicesFor } from './choices.ts';
import { ids, type Mistakes, one, ticked, type Values } from './form-values.ts';
import { inboxLine } from './inbox-line.ts';
import { CreatePage, ListPage, RemovePage } from './list-pages.tsx';
import { lookFrom, lookValues, readings, themesFor } from './look-form.ts';
import { LookPage, Readings } from './look-page.tsx';
import { frequencies, Reach } from './reach.tsx';
import { scheduleFrom } from './schedule-form.ts';
import { InboxPreview } from './section-forms.tsx';
import {
  type Connected,
  connectedTo,
  isAddress,
  type SectionName,
  sectionNames,
  sections,
} from './sections.ts';
import { SectionCard, type Settings, SettingsPage, TimesOf, type Tried } from './settings-page.tsx';
import { newsletterTexts } from './words.ts';

const slug = ':slug{[a-z0-9][a-z0-9-]*}';
const section = `:section{${sectionNames.join('|')}}`;

/** `/desk/newsletters`: what is sent, to whom, when, and how it looks. */
export function newsletterPages(context: Context): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  const sayTo = (c: DeskCall) => speaking(newsletterTexts, c.var.language);

  /** The newsletter, if whoever asks may do that to it. */
  const newsletterFor = async (c: DeskCall, act: Act): Promise<Newsletter> => {
    const newsletter = await findNewsletter(context, c.req.param('slug') ?? '').catch(() => undefined);
    if (!newsletter || !may(c.var.session.user, 'view', newsletter.id)) throw new HTTPException(404);
    if (!may(c.var.session.user, act, newsletter.id)) throw new HTTPException(403);
    return newsletter;
  };
  const administratorOnly = (c: DeskCall) => {
    if (!may(c.var.session.user, 'administer')) throw new HTTPException(403);
  };
  const at = ({ slug: name }: Pick<Newsletter, 'slug'>) => `/desk/newsletters/${name}`;

  app.get('/', async (c) => {
    const visible = visibleNewsletters(c.var.session.user);
    const [all, counts] = await Promise.all([
      listNewsletters(context),
      context.db
        .selectFrom('editions')
        .select(['newsletter_id', 'planned_count'])
        .distinctOn('newsletter_id')
        .where('state', '=', 'sent')
        .orderBy('newsletter_id')
        .orderBy('scheduled_for', 'desc')
        .execute(),
    ]);
    const newsletters = all
      .filter(({ id }) => visible === undefined || visible.includes(id))
      .map((each) => ({
        ...each,
        lastCount: counts.find(({ newsletter_id }) => newsletter_id === each.id)?.planned_count ?? null,
      }));
    return showDesk(
      c,
      <ListPage
        c={c}
        newsletters={newsletters}
        now={context.clock.now()}
        mayCreate={may(c.var.session.user, 'administer')}
        removed={c.req.query('done') === 'removed'}
      />,
    );
  });

  const createPage = async (c: DeskCall, values: Values, mistakes: Mistakes = {}) =>
    showDesk(
      c,
      <CreatePage
        {...{ c, values, mistakes }}
        choices={await choicesFor(context, c.var.session.user)}
        now={context.clock.now()}
      />,
      Object.keys(mistakes).length > 0 ? 422 : 200,
    );

  app.get('/new', async (c) => {
    administratorOnly(c);
    const [timeZone, latest, { lists }] = await Promise.all([
      deskZone(context, c.var.session.user),
      context.db
        .selectFrom('newsletters')
        .select(['from_address', 'language'])
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst(),
      choicesFor(context, c.var.session.user),
    ]);
    return createPage(c, {
      fromAddress: [latest?.from_address ?? ''],
      language: [latest?.language ?? c.var.language],
      often: ['daily'],
      time: ['07:00'],
      days: ['1', '2', '3', '4', '5'],
      cron: ['0 7 * * *'],
      timeZone: [timeZone],
      lists: lists.length === 1 ? [String(lists[0]?.id)] : [],
      newList: lists.length === 0 ? ['on'] : [],
      mode: ['approval'],
    });
  });

  app.post('/new', async (c) => {
    administratorOnly(c);
    const say = sayTo(c);
    const values = await formOf(c);
    const mistakes: Mistakes = {};
    const name = one(values, 'name').slice(0, 300);
    const fromAddress = one(values, 'fromAddress');
    if (name === '') mistakes.name = say('nameMissing');
    if (!isAddress(fromAddress)) mistakes.fromAddress = say('noAddress');
    const wanted = one(values, 'slug') || (name && slugFor(name));
    if (wanted && !/^[a-z0-9][a-z0-9-]*$/.test(wanted)) mistakes.slug = say('badSlug');
    const schedule = scheduleFrom(values, say, mistakes);
    if (!schedule || Object.keys(mistakes).length > 0) return createPage(c, values, mistakes);
    const { lists } = await choicesFor(context, c.var.session.user);
    const listIds = ids(values, 'lists').filter((id) => lists.some((list) => list.id === id));
    try {
      const create = async (deps: Context) => {
        if (ticked(values, 'newList')) listIds.push((await createList(deps, { name })).id);
        return createNewsletter(deps, {
          slug: wanted,
          name,
          fromAddress,
          ...schedule,
          ...(one(values, 'language') && { language: one(values, 'language') }),
          mode: one(values, 'mode') === 'automatic' ? 'automatic' : 'approval',
          listIds,
        });
      };
      const made = await doNoted(context, c, create, ({ id, name: subject }) => ({
        act: 'newsletter.create',
        newsletterId: id,
        subject,
      }));
      return c.redirect(`${at(made)}?done=created`, 303);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const isSlug = error.code === 'exists' && /newsletter/.test(error.message);
      return createPage(
        c,
        values,
        isSlug ? { slug: say('slugTaken') } : { '': errorSaid(error, c.var.language).text },
      );
    }
  });

  app.post('/times', async (c) => {
    const values = await formOf(c);
    return c.html(
      <TimesOf values={values} now={context.clock.now()} say={sayTo(c)} language={c.var.language} />,
    );
  });

  const readSettings = async (c: DeskCall, newsletter: Newsletter): Promise<Settings> => {
    const { user } = c.var.session;
    const connected = await connectedTo(context, newsletter.id);
    const [choices, routes, lists, line] = await Promise.all([
      choicesFor(context, user, { id: newsletter.id, connected, segmentId: newsletter.segment_id }),
      listRoutes(context),
      context.db.selectFrom('lists').select(['id', 'name']).execute(),
      inboxLine(context, newsletter, newsletter, sayTo(c)),
    ]);
    const domain = newsletter.from_address.split('@').at(-1)?.toLowerCase();
    return {
      newsletter,
      connected,
      choices,
      // Those alone that may carry it.
      routes: routes
        .filter(
          ({ fromDomain, listId }) =>
            (fromDomain === null || fromDomain.toLowerCase() === domain) &&
            (listId === null || connected.listIds.includes(listId)),
        )
        .map((route) => ({ ...route, list: lists.find(({ id }) => id === route.listId)?.name })),
      line,
      now: context.clock.now(),
      mayChange: may(user, 'administer', newsletter.id),
    };
  };

  app.get(`/${slug}`, async (c) => {
    const settings = await readSettings(c, await newsletterFor(c, 'view'));
    return showDesk(c, <SettingsPage c={c} settings={settings} done={c.req.query('done')} />);
  });

  app.post(`/${slug}/${section}`, async (c) => {
    const newsletter = await newsletterFor(c, 'administer');
    const name = c.req.param('section') as SectionName;
    const values = await formOf(c);
    const tried: Tried = { section: name, values, mistakes: {} };
    const fields = await sections[name].read(values, newsletter, sayTo(c), tried.mistakes);
    const after =
      Object.keys(tried.mistakes).length === 0
        ? await save(c, newsletter, fields, tried, sections[name].values)
        : undefined;
    if (after && !asksForPiece(c)) return c.redirect(`${at(after)}?done=${name}#${name}`, 303);
    const settings = await readSettings(c, after ?? (await newsletterFor(c, 'administer')));
    const status = after ? 200 : 422;
    if (!asksForPiece(c)) return showDesk(c, <SettingsPage {...{ c, settings, tried }} />, status);
    return c.html(
      <SectionCard
        {...{ c, settings, name }}
        tried={after ? undefined : tried}
        saved={after !== undefined}
      />,
      status,
    );
  });

  /**
   * Saves fields and notes it; what cannot be saved is told at the form, and that somebody else saved it since the form was shown.
   * @param shown what the form shows for what is saved
   */
  const save = async (
    c: DeskCall,
    before: Newsletter,
    given: Partial<Omit<NewsletterFields, 'slug'>>,
    tried: { values: Values; mistakes: Mistakes },
    shown: (newsletter: Newsletter, connected: Connected) => Values,
  ): Promise<Newsletter | undefined> => {
    const fields = { ...given };
    const connected = await connectedTo(context, before.id);
    if (fields.listIds || fields.sourceIds || fields.segmentId !== undefined) {
      // What is no choice of theirs stays as it is.
      const { lists, segments, sources } = await choicesFor(context, c.var.session.user, {
        id: before.id,
        connected,
        segmentId: before.segment_id,
      });
      const among = (choices: { id: number }[], wanted: number[] = []) =>
        wanted.filter((id) => choices.some((choice) => choice.id === id));
      fields.listIds = among(lists, fields.listIds);
      fields.sourceIds = among(sources, fields.sourceIds);
      if (fields.segmentId) fields.segmentId = among(segments, [fields.segmentId])[0] ?? before.segment_id;
    }
    try {
      return await doNoted(
        context,
        c,
        async (within) => {
          const locked = await within.db
            .selectFrom('newsletters')
            .selectAll()
            .where('id', '=', before.id)
            .forUpdate()
            .executeTakeFirstOrThrow();
          if (!isSeen(tried.values, shown(locked, await connectedTo(within, before.id))))
            throw new UserError('The settings were saved by somebody else meanwhile.', { code: 'conflict' });
          return editNewsletter(within, before.id, fields);
        },
        (after) => ({
          act: 'newsletter.edit',
          newsletterId: before.id,
          subject: after.name,
          details: changesOf(before, after, connected, fields),
        }),
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const say = sayTo(c);
      // Whoever was told of the other's saving may save over it; whoever has only mistyped still stands on what they saw.
      if (error.code === 'conflict') delete tried.values.seen;
      tried.mistakes[''] =
        error.code === 'conflict'
          ? say('changedMeanwhile', {
              who:
                (await lastActor(context, { newsletterId: before.id, act: 'newsletter.edit' })) ??
                say('somebody'),
            })
          : errorSaid(error, c.var.language).text;
      return undefined;
    }
  };

  app.get(`/${slug}/reach`, async (c) => {
    const newsletter = await newsletterFor(c, 'view');
    const rows = await frequencies(context, newsletter.id);
    return c.html(<Reach rows={rows} say={sayTo(c)} language={c.var.language} />);
  });

  app.post(`/${slug}/inbox-line`, async (c) => {
    const newsletter = await newsletterFor(c, 'view');
    const values = await formOf(c);
    const say = sayTo(c);
    const patterns = {
      subject: one(values, 'subject').slice(0, 300),
      preheader: one(values, 'preheader').slice(0, 300),
    };
    const line = await inboxLine(context, newsletter, patterns, say);
    return c.html(<InboxPreview line={line} from={newsletter.from_name} say={say} />);
  });

  for (const [verb, paused, done] of [
    ['pause', true, 'pauseDone'],
    ['resume', false, 'resumeDone'],
  ] as const)
    app.post(`/${slug}/${verb}`, async (c) => {
      const newsletter = await newsletterFor(c, 'administer');
      await doNoted(context, c, (within) => setNewsletterPaused(within, newsletter.id, paused), {
        act: `newsletter.${verb}`,
        newsletterId: newsletter.id,
        subject: newsletter.name,
      });
      return c.redirect(`${at(newsletter)}?done=${done}`, 303);
    });

  app.get(`/${slug}/remove`, async (c) => {
    const newsletter = await newsletterFor(c, 'administer');
    const holdings = await newsletterHoldings(context, newsletter.id);
    return showDesk(c, <RemovePage {...{ c, newsletter, holdings }} />);
  });

  app.post(`/${slug}/remove`, async (c) => {
    const newsletter = await newsletterFor(c, 'administer');
    const holdings = await newsletterHoldings(context, newsletter.id);
    const wrong = (error: string) => showDesk(c, <RemovePage {...{ c, newsletter, holdings, error }} />, 422);
    if (one(await formOf(c), 'confirm') !== newsletter.slug) return wrong(sayTo(c)('removeWrong'));
    try {
      await doNoted(context, c, (within) => removeNewsletter(within, newsletter.id), {
        act: 'newsletter.remove',
        newsletterId: newsletter.id,
        subject: newsletter.name,
        details: holdings,
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return wrong(errorSaid(error, c.var.language).text);
    }
    return c.redirect('/desk/newsletters?done=removed', 303);
  });

  const lookPage = async (
    c: DeskCall,
    newsletter: Newsletter,
    { values, mistakes, brand }: { values: Values; mistakes: Mistakes; brand: Brand },
  ) => {
    const edition = await context.db
      .selectFrom('editions')
      .innerJoin('edition_stories', 'edition_stories.edition_id', 'editions.id')
      .select('editions.id')
      .where('newsletter_id', '=', newsletter.id)
      .limit(1)
      .executeTakeFirst();
    const query = new URLSearchParams(
      Object.entries(values)
        .filter(([name, [value]]) => name !== 'csrf' && name !== 'seen' && value)
        .map(([name, [value = '']]) => [name, value]),
    );
    return showDesk(
      c,
      <LookPage
        {...{ c, newsletter, values, mistakes, brand }}
        query={query.toString()}
        hasEdition={edition !== undefined}
        mayChange={may(c.var.session.user, 'administer', newsletter.id)}
        saved={c.req.query('done') === 'saved'}
      />,
      Object.keys(mistakes).length > 0 ? 422 : 200,
    );
  };

  app.get(`/${slug}/look`, async (c) => {
    const newsletter = await newsletterFor(c, 'view');
    return lookPage(c, newsletter, {
      values: lookValues(newsletter),
      mistakes: {},
      brand: newsletter.brand as Brand,
    });
  });

  app.get(`/${slug}/look/preview.html`, async (c) => {
    const newsletter = await newsletterFor(c, 'view');
    for (const [name, value] of Object.entries(frameHeaders)) c.header(name, value);
    const dark = c.req.query('scheme') === 'dark';
    try {
      const look = lookFrom(c.req.queries(), newsletter, sayTo(c), {});
      return c.html(framed(await renderLook(context, newsletter, look), dark));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return c.html(saidPage(errorSaid(error, c.var.language).text, dark), 422);
    }
  });

  app.post(`/${slug}/look/readings`, async (c) => {
    const newsletter = await newsletterFor(c, 'view');
    const { theme: name, brand } = lookFrom(await formOf(c), newsletter, sayTo(c), {});
    const theme = themesFor(newsletter).find(({ value }) => value === name)?.theme;
    if (!theme) throw new HTTPException(404);
    return c.html(<Readings all={readings(brand, theme)} say={sayTo(c)} language={c.var.language} />);
  });

  /** Shows what is not saved, where no script does. */
  app.post(`/${slug}/look/show`, async (c) => {
    const newsletter = await newsletterFor(c, 'administer');
    const values = await formOf(c);
    const mistakes: Mistakes = {};
    const { brand } = lookFrom(values, newsletter, sayTo(c), mistakes);
    return lookPage(c, newsletter, { values, mistakes, brand });
  });

  app.post(`/${slug}/look`, async (c) => {
    const newsletter = await newsletterFor(c, 'administer');
    const values = await formOf(c);
    const tried = { values, mistakes: {} as Mistakes };
    const { theme, brand } = lookFrom(values, newsletter, sayTo(c), tried.mistakes);
    if (
      Object.keys(tried.mistakes).length > 0 ||
      !(await save(c, newsletter, { theme, brand }, tried, lookValues))
    )
      return lookPage(c, await newsletterFor(c, 'administer'), { ...tried, brand });
    return c.redirect(`${at(newsletter)}/look?done=saved`, 303);
  });

  return app;
}

/** A short name from a name; empty if nothing of it can be in one. */
function slugFor(name: string): string {
  try {
    return slugOf(name);
  } catch {
    return '';
  }
}

const quietColumns = ['updated_at', 'scheduled_through'];

/** What was changed, each as it was and as it is. */
function changesOf(
  before: Newsletter,
  after: Newsletter,
  connected: { listIds: number[]; sourceIds: number[] },
  { listIds, sourceIds }: Partial<NewsletterFields>,
): Record<string, unknown> {
  const changed = Object.keys(after).filter(
    (name) =>
      !quietColumns.includes(name) &&
      JSON.stringify(before[name as keyof Newsletter]) !== JSON.stringify(after[name as keyof Newsletter]),
  );
  return {
    ...Object.fromEntries(
      changed.map((name) => [
        name,
        { before: before[name as keyof Newsletter], after: after[name as keyof Newsletter] },
      ]),
    ),
    ...(listIds && { lists: { before: connected.listIds, after: listIds } }),
    ...(sourceIds && { sources: { before: connected.sourceIds, after: sourceIds } }),
  };
}
