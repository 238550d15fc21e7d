/** @jsxImportSource hono/jsx */
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { visibleNewsletters } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import { UserError } from '../../../errors.ts';
import { readInput } from '../../../stories/add.ts';
import { type DetectedSource, detectKind } from '../../../stories/detect-kind.ts';
import { editSource } from '../../../stories/edit-source.ts';
import type { Parsed } from '../../../stories/parsed.ts';
import {
  addSource,
  fetchSource,
  pauseSource,
  removeSource,
  resumeSource,
  type SourceOutcome,
} from '../../../stories/sources.ts';
import { formOf } from '../../request.ts';
import { adminsOnly, doNoted, noteDeskAct } from '../access/door.ts';
import { Button, Card, Csrf, Notice } from '../design/components.tsx';
import type { DeskCall, DeskEnv, DeskSite } from '../env.ts';
import { DeskPage, showDesk } from '../frame.tsx';
import { errorSaid } from '../sayings/errors.ts';
import { isSeen, lastActor } from '../seen.ts';
import { away, type DeskLanguage, moment, speaking } from '../words/words.ts';
import { sourceLook, sourcesPage } from './list-page.tsx';
import {
  changesOf,
  formOfSource,
  type SourceForm,
  sourceFormOf,
  valuesOf,
  type WrongFields,
  webAddress,
} from './source-form.ts';
import { countOf, newslettersOf, SourceFields, sourceOf, sourcePage } from './source-page.tsx';
import { sourceTexts } from './words.ts';

// A page waits so long for a fetch; then it says that it goes on.
const patienceMs = 4000;
const shownStories = 8;
const dones = ['added', 'saved', 'fetching', 'isPaused', 'isResumed', 'unchanged'] as const;

/** `/desk/sources`: how sources do, and for admins: adding, changing and removing them. */
export function sourcePages(context: Context, site: Pick<DeskSite, 'background'>): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  const idOf = (c: DeskCall) => Number(c.req.param('id'));
  app.get('/', (c) => sourcesPage(context, c));
  app.get('/:id{[0-9]{1,15}}', (c) => {
    const say = speaking(sourceTexts, c.var.language);
    const done = dones.find((each) => each === c.req.query('done'));
    const [, fresh, changed] = /^(\d{1,9})-(\d{1,9})$/.exec(c.req.query('fetched') ?? '') ?? [];
    return sourcePage(context, c, idOf(c), {
      done: done ? say(done) : fresh && changed ? say('fetched', { new: fresh, changed }) : undefined,
    });
  });

  app.use(adminsOnly);

  app.get('/look', (c) => c.redirect('/desk/sources', 303));
  app.post('/look', async (c) => {
    const look = await sourceLook(context, c);
    const { say } = look;
    const address = (await formOf(c)).address?.[0]?.trim().slice(0, 2000) ?? '';
    const url = webAddress(address);
    if (!url) return sourcesPage(context, c, { wrong: say('webOnly'), address });
    try {
      const found = await detectKind(context.config, url);
      const known = await context.db
        .selectFrom('sources')
        .select(['id', 'name'])
        .where('url', '=', found.url)
        .executeTakeFirst();
      if (known) return sourcesPage(context, c, { wrong: say('isThere', { name: known.name }), address });
      const parsed = await readInput(context.config, found.url).catch((error: unknown): Parsed => {
        if (!(error instanceof UserError)) throw error;
        return { stories: [], problems: [{ where: found.url, reason: error.message }] };
      });
      const form: SourceForm = {
        isApi: false,
        address: found.url,
        name: found.title ?? new URL(found.url).hostname.replace(/^www\./, ''),
        publisher: '',
        topics: '',
        language: found.language ?? parsed.language ?? '',
        weight: '1',
        minutes: '15',
      };
      return foundPage(context, c, { found, asked: url, parsed, form: { ...form, publisher: form.name } });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return sourcesPage(context, c, {
        wrong: errorSaid(error, c.var.language).text,
        address,
      });
    }
  });

  app.post('/', async (c) => {
    const { say } = await sourceLook(context, c);
    const fields = await formOf(c);
    const form = sourceFormOf(fields);
    const url = webAddress(form.address);
    const kind = (['feed', 'sitemap', 'page'] as const).find((each) => each === fields.kind?.[0]);
    if (!url || !kind) return sourcesPage(context, c, { wrong: say('webOnly'), address: form.address });
    const found = { kind, url };
    const asked = changesOf(form, say);
    if ('wrong' in asked) return foundPage(context, c, { found, asked: url, form, wrong: asked.wrong });
    try {
      const { language, ...changes } = asked.changes;
      // Nothing is fetched to add one of a known kind: the transaction is short.
      const source = await doNoted(
        context,
        c,
        (within) => addSource(within, url, { ...changes, kind, ...(language && { language }) }),
        ({ id, name }) => ({ act: 'source.add', subject: name, details: { source: id, url } }),
      );
      const outcome = await fetched(source.id, source);
      return c.redirect(
        `/desk/sources/${source.id}?${outcome && outcome.outcome !== 'failed' ? fetchedQuery(outcome) : 'done=added'}`,
        303,
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return foundPage(context, c, { found, asked: url, form, wrong: wrongOf(error, c.var.language) });
    }
  });

  app.post('/:id{[0-9]{1,15}}', async (c) => {
    const { say } = await sourceLook(context, c);
    const source = await sourceOf(context, idOf(c));
    const sent = await formOf(c);
    const form = { ...sourceFormOf(sent), isApi: source.kind === 'api' };
    const asked = changesOf(form, say);
    // Whoever was told of the other's saving may save over it; whoever has only mistyped still stands on what they saw.
    const refuse = (wrong: WrongFields, still: typeof sent = sent) =>
      sourcePage(context, c, source.id, { wrong, given: form, sent: still });
    if ('wrong' in asked) return refuse(asked.wrong);
    // A fetch may have followed the source to where it is now since the page was loaded.
    const isTyped = form.address !== '' && form.address !== sent['address-shown']?.[0];
    const isMoved = !form.isApi && isTyped && form.address !== source.url;
    const url = isMoved ? webAddress(form.address) : undefined;
    if (isMoved && !url) return refuse({ address: say('webOnly') });
    try {
      await editSource(
        context,
        source.id,
        { ...asked.changes, ...(url && { address: url }) },
        (db) =>
          noteDeskAct({ ...context, db }, c, {
            act: 'source.edit',
            subject: source.name,
            details: { source: source.id, ...asked.changes, ...(url && { address: url }) },
          }),
        (last) => {
          if (!isSeen(sent, valuesOf(formOfSource(last))))
            throw new UserError('The source was saved by somebody else meanwhile.', { code: 'conflict' });
        },
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (error.code === 'conflict') {
        const who = await lastActor(context, { act: 'source.edit', subject: source.name });
        return refuse({ form: say('changedMeanwhile', { who: who ?? say('somebody') }) }, {});
      }
      return refuse(
        isMoved && error.code === 'fetch'
          ? { address: errorSaid(error, c.var.language).text }
          : wrongOf(error, c.var.language),
      );
    }
    return c.redirect(`/desk/sources/${source.id}?done=saved`, 303);
  });

  app.post('/:id{[0-9]{1,15}}/pause', async (c) => {
    const source = await sourceOf(context, idOf(c));
    await doNoted(context, c, (within) => pauseSource(within, source.id), {
      act: 'source.pause',
      subject: source.name,
      details: { source: source.id },
    });
    return c.redirect(`/desk/sources/${source.id}?done=isPaused`, 303);
  });

  app.post('/:id{[0-9]{1,15}}/resume', async (c) => {
    const source = await sourceOf(context, idOf(c));
    await doNoted(context, c, (within) => resumeSource(within, source.id), {
      act: 'source.resume',
      subject: source.name,
      details: { source: source.id },
    });
    return c.redirect(`/desk/sources/${source.id}?done=isResumed`, 303);
  });

  app.post('/:id{[0-9]{1,15}}/fetch', async (c) => {
    const source = await sourceOf(context, idOf(c));
    await noteDeskAct(context, c, {
      act: 'source.fetch',
      subject: source.name,
      details: { source: source.id },
    });
    const outcome = await fetched(source.id, source);
    return c.redirect(`/desk/sources/${source.id}?${outcome ? fetchedQuery(outcome) : 'done=fetching'}`, 303);
  });

  app.get('/:id{[0-9]{1,15}}/remove', async (c) => removePage(context, c, idOf(c)));
  app.post('/:id{[0-9]{1,15}}/remove', async (c) => {
    const source = await sourceOf(context, idOf(c));
    try {
      await doNoted(context, c, (within) => removeSource(within, source.id), {
        act: 'source.remove',
        subject: source.name,
        details: { source: source.id, url: source.url },
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return removePage(context, c, source.id, errorSaid(error, c.var.language).text);
    }
    return c.redirect(`/desk/sources?${new URLSearchParams({ removed: source.name })}`, 303);
  });
  return app;

  /** Fetches a source; undefined: it takes longer than a page waits, and goes on. */
  async function fetched(id: number, source: Parameters<typeof fetchSource>[1]) {
    const running = fetchSource(context, source);
    site.background.run(`fetching source ${id}`, () => running);
    return Promise.race([running, sleep(patienceMs, undefined, { ref: false })]);
  }
}

function fetchedQuery({ outcome, intake }: SourceOutcome): string {
  if (outcome === 'unchanged') return 'done=unchanged';
  // What went wrong stands on the page.
  return outcome === 'failed' ? '' : `fetched=${intake.added.length}-${intake.updated.length}`;
}

function wrongOf(error: UserError, language: DeskLanguage): WrongFields {
  const { text } = errorSaid(error, language);
  if (/\bname(d)?\b/.test(error.message)) return { name: text };
  if (/language tag/.test(error.message)) return { language: text };
  return { form: text };
}

interface Found {
  found: Pick<DetectedSource, 'kind' | 'url'>;
  asked: string;
  parsed?: Parsed;
  form: SourceForm;
  wrong?: WrongFields;
}

/** What an address turned out to be, and the form to add it with. */
async function foundPage(context: Context, c: DeskCall, { found, asked, parsed, form, wrong }: Found) {
  const { say, language, now, zone } = await sourceLook(context, c);
  const stories = (parsed?.stories ?? []).slice(0, shownStories);
  const problems = parsed?.problems ?? [];
  return showDesk(
    c,
    <DeskPage
      c={c}
      title={say('foundTitle')}
      place="sources"
      crumbs={[['/desk/sources', say('sources')]]}
      sub={say('foundText', { kind: say(found.kind as 'feed'), address: found.url })}
    >
      {wrong ? <Notice mood="bad">{[say('wrong'), wrong.form].filter(Boolean).join(': ')}</Notice> : null}
      {parsed && found.url !== asked ? <Notice>{say('foundMoved')}</Notice> : null}
      <div class="story-columns">
        {parsed ? (
          <Card
            id="found"
            title={stories.length > 0 ? say('foundStories', { count: stories.length }) : say('stories')}
          >
            {stories.length === 0 ? (
              <p>{say('foundNone')}</p>
            ) : (
              <ul class="lines">
                {stories.map((story) => {
                  const at = story.publishedAt ? new Date(story.publishedAt) : undefined;
                  return (
                    <li>
                      <p class="serif found-title">{story.title}</p>
                      <p class="of">
                        {at && !Number.isNaN(at.getTime()) ? (
                          <time title={moment(at, language, zone)}>{away(at, now, language)}</time>
                        ) : null}
                        {(story.topics ?? []).slice(0, 3).map((topic) => (
                          <span class="tag">{topic}</span>
                        ))}
                      </p>
                      {story.dek ? (
                        <p class="small">
                          {story.dek
                            .slice(0, 2_000)
                            .replace(/<[^>]*>/g, ' ')
                            .slice(0, 200)}
                        </p>
                      ) : null}
                    </li>
                  );
                })}
              </ul>
            )}
            {problems.length > 0 ? (
              <p class="quiet small below">
                {say('foundProblems', { count: problems.length, reason: problems[0]?.reason ?? '' })}
              </p>
            ) : null}
          </Card>
        ) : (
          <div />
        )}
        <Card id="settings" title={say('edit')}>
          <form method="post" action="/desk/sources" class="stack">
            <Csrf token={c.var.session.csrf} />
            <input type="hidden" name="address" value={found.url} />
            <input type="hidden" name="kind" value={found.kind} />
            <SourceFields form={form} wrong={wrong} say={say} />
            <div class="row">
              <Button kind="main" icon="add">
                {say('addThis')}
              </Button>
              <Button href="/desk/sources">{say('tryAnother')}</Button>
            </div>
          </form>
        </Card>
      </div>
    </DeskPage>,
    wrong ? 422 : 200,
  );
}

/** What goes and what stays when a source is removed. */
async function removePage(context: Context, c: DeskCall, id: number, wrong?: string) {
  const { say } = await sourceLook(context, c);
  const [source, count, newsletters] = await Promise.all([
    sourceOf(context, id),
    countOf(context, id),
    newslettersOf(context, id, visibleNewsletters(c.var.session.user)),
  ]);
  const only = newsletters.find((each) => each.only);
  return showDesk(
    c,
    <DeskPage
      c={c}
      title={say('removeTitle', { name: source.name })}
      place="sources"
      width="narrow"
      crumbs={[
        ['/desk/sources', say('sources')],
        [`/desk/sources/${id}`, source.name],
      ]}
    >
      <Card id="remove">
        <div class="stack">
          {wrong ? <Notice mood="bad">{wrong}</Notice> : null}
          <p>{say('removeGoes')}</p>
          <p>{say('removeStays', { count })}</p>
          {newsletters.length > 0 ? (
            <p>{say('removeFrom', { names: newsletters.map(({ name }) => name).join(', ') })}</p>
          ) : null}
          {only && !wrong ? <Notice mood="wait">{say('onlyOf', { name: only.name })}</Notice> : null}
          <form method="post" action={`/desk/sources/${id}/remove`} class="row">
            <Csrf token={c.var.session.csrf} />
            <Button kind="danger" icon="remove">
              {say('removeDo')}
            </Button>
            <Button href={`/desk/sources/${id}`}>{say('cancel')}</Button>
          </form>
        </div>
      </Card>
    </DeskPage>,
    wrong ? 422 : 200,
  );
}
