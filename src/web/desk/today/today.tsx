/** @jsxImportSource hono/jsx */
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { streamSSE } from 'hono/streaming';
import { may, visibleNewsletters } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import { findInstallation } from '../../../db/installation.ts';
import { ensureEdition } from '../../../editions/editions.ts';
import { countFigures, figuresDue } from '../../../feedback/edition-figures.ts';
import { usualRecipients } from '../../../schedule/before-sending.ts';
import { startProducing } from '../../../schedule/produce.ts';
import { formOf } from '../../request.ts';
import { doNoted } from '../access/door.ts';
import { Card, Empty, Notice } from '../design/components.tsx';
import type { DeskCall, DeskEnv, DeskSite } from '../env.ts';
import { DeskPage, showDesk } from '../frame.tsx';
import { speaking } from '../words/words.ts';
import type { Estimates } from './estimates.ts';
import { recentEditions } from './recent.ts';
import { RecentTable } from './recent-table.tsx';
import { type Running, RunningWatch, runningEditions } from './running.ts';
import { RunningFigures, RunningList } from './running-list.tsx';
import { type Standing, stampOf, standings } from './standing.ts';
import { type Due, needOf, type Upcoming, upcoming } from './upcoming.ts';
import { audienceShown, keyOf, UpcomingList } from './upcoming-list.tsx';
import { todayTexts } from './words.ts';

// A page does not wait for what takes longer to count.
const patienceMs = 60;
// After so long a watching page has to show its session again.
const streamMs = 5 * 60_000;
const comparedEditions = 11;

/** `/desk`: what goes out next, what is on its way, and what came of the last ones. */
export function todayPages(
  context: Context,
  site: Pick<DeskSite, 'background'>,
  estimates: Estimates,
): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  const watch = new RunningWatch(context);
  const figures = new FiguresKeeper(context, site.background);

  const page = async (c: DeskCall) => {
    const { session, language } = c.var;
    const say = speaking(todayTexts, language);
    const visible = visibleNewsletters(session.user);
    const now = context.clock.now();
    const isSeen = ({ newsletterId }: Running | Standing) => may(session.user, 'view', newsletterId);
    // Before all else: what changes while the page is made is then shown by the next one.
    const stands = stampOf((await standings(context)).filter(isSeen));
    await figures.refresh(visible);
    const [all, recent, running, installation] = await Promise.all([
      upcoming(context, visible),
      recentEditions(context, visible),
      runningNow(context, watch),
      findInstallation(context),
    ]);
    const seen = running.filter(isSeen);
    const isTheirs = ({ newsletterId }: Upcoming | Due) => may(session.user, 'approve', newsletterId);
    const needing = all.filter((each) => needOf(each) && isTheirs(each));
    const editors = all.filter((each) => needOf(each) && !isTheirs(each));
    const others = all.filter((each) => !needOf(each));
    const beside = { session, language, now, ...(await sizesOf(context, estimates, all)) };
    const waits = needing.length;
    return showDesk(
      c,
      <DeskPage
        c={c}
        title={say('today')}
        place="today"
        scripts={['today']}
        sub={
          waits > 0
            ? say('waitsForYou', { count: waits })
            : editors.length > 0
              ? say('waitForEditor', { count: editors.length })
              : say('nothingWaits')
        }
      >
        {installation?.held ? (
          <Notice mood="bad">
            <p>
              <b>{say('held')}</b> {installation.held}.
            </p>
            <p>{say('heldText')}</p>
          </Notice>
        ) : null}
        {needing.length > 0 ? (
          <section class="stack" aria-labelledby="needing">
            <h2 id="needing">{say('needsYou')}</h2>
            <UpcomingList all={needing} beside={beside} />
          </section>
        ) : null}
        {editors.length > 0 ? (
          <section class="stack" aria-labelledby="needing-editor">
            <h2 id="needing-editor">{say('needsEditor')}</h2>
            <UpcomingList all={editors} beside={beside} />
          </section>
        ) : null}
        {seen.length > 0 ? (
          <section class="stack" aria-labelledby="under-way" id="running">
            <h2 id="under-way">{say('underWay')}</h2>
            <RunningList running={seen} session={session} language={language} />
          </section>
        ) : null}
        <section class="stack" aria-labelledby="next" data-stands={stands}>
          <h2 id="next">{say('next')}</h2>
          {others.length > 0 ? (
            <UpcomingList all={others} beside={beside} />
          ) : needing.length + editors.length > 0 ? null : (
            <Empty title={say('noNext')}>
              <p>{say('noNextText')}</p>
            </Empty>
          )}
        </section>
        <Card id="recent" title={say('recently')} aside={<a href="/desk/editions">{say('allEditions')}</a>}>
          {recent.length > 0 ? (
            <RecentTable recent={recent} language={language} />
          ) : (
            <p class="quiet">{say('noRecent')}</p>
          )}
        </Card>
      </DeskPage>,
    );
  };

  app.get('/', page);

  app.get('/today/progress', (c) =>
    streamSSE(c, async (stream) => {
      const { session, language } = c.var;
      const isSeen = ({ newsletterId }: Running | Standing) => may(session.user, 'view', newsletterId);
      const last = new Map<string, string>();
      const tell = (event: string, data: string) => {
        if (last.get(event) === data) return;
        last.set(event, data);
        stream.writeSSE({ event, data }).catch(() => {});
      };
      const ended = new Promise<void>((resolve) => {
        stream.onAbort(resolve);
        setTimeout(resolve, streamMs).unref();
      });
      const stop = watch.watch((running, standing) => {
        const pieces = running.filter(isSeen).map((each) => ({
          id: each.id,
          state: each.state,
          html: String(<RunningFigures each={each} language={language} />),
        }));
        tell('running', JSON.stringify(pieces));
        tell('standing', stampOf(standing.filter(isSeen)));
      });
      await ended;
      stop();
    }),
  );

  app.post('/today/build', async (c) => {
    const form = await formOf(c);
    const newsletterId = Number(form.newsletter?.[0]);
    const at = new Date(form.at?.[0] ?? '');
    if (!Number.isSafeInteger(newsletterId) || Number.isNaN(at.getTime())) throw new HTTPException(404);
    if (!may(c.var.session.user, 'edit', newsletterId)) throw new HTTPException(403);
    // Only what its schedule asks for: an edition for any other time is made elsewhere.
    const asked = (await upcoming(context, [newsletterId])).some(
      (each) => each.kind === 'due' && each.at.getTime() === at.getTime(),
    );
    const { edition, created } = asked
      ? await doNoted(
          context,
          c,
          (within) => ensureEdition(within, newsletterId, at),
          (made) =>
            made.created ? { act: 'edition.build', newsletterId, editionId: made.edition.id } : undefined,
        )
      : { edition: await madeFor(context, newsletterId, at), created: false };
    if (!edition) throw new HTTPException(404);
    if (created) {
      const { id, email, name } = c.var.session.user;
      site.background.run(
        'building an edition',
        await startProducing(context, edition.id, { id, email, name }, 'ahead'),
      );
    }
    return c.redirect(`/desk/editions/${edition.id}`, 303);
  });
  return app;
}

async function madeFor({ db }: Context, newsletterId: number, at: Date) {
  return db
    .selectFrom('editions')
    .select(['id', 'subject'])
    .where('newsletter_id', '=', newsletterId)
    .where('scheduled_for', '=', at)
    .executeTakeFirst();
}

/** What is on its way as it is now, and how far each is, if that can be told at once. */
async function runningNow(context: Context, watch: RunningWatch): Promise<Running[]> {
  const look = watch.now();
  look.catch(() => {});
  const [editions, known] = await Promise.all([
    runningEditions(context),
    Promise.race([look.catch(() => []), sleep(patienceMs, [] as Running[], { ref: false })]),
  ]);
  return editions.map(({ nextDue: _, ...each }) => {
    const { progress, perSecond, secondsLeft, goesOnAt } = known.find(({ id }) => id === each.id) ?? {
      perSecond: 0,
    };
    return { ...each, progress, perSecond, secondsLeft, goesOnAt };
  });
}

async function sizesOf(context: Context, estimates: Estimates, all: (Upcoming | Due)[]) {
  const newsletters = [...new Set(all.map(({ newsletterId }) => newsletterId))];
  const usual = new Map(
    await Promise.all(newsletters.map(async (id) => [id, await usualRecipients(context, id)] as const)),
  );
  const bytes = new Map<number, number>();
  const audiences = new Map<string, { recipients: number; isExact: boolean }>();
  await Promise.all(
    all.map(async (each) => {
      const asked =
        each.kind === 'edition'
          ? each.edition
          : { id: 0, newsletter_id: each.newsletterId, scheduled_for: each.at };
      const shown = audienceShown(await estimates.audience(asked, patienceMs), usual.get(each.newsletterId));
      if (shown) audiences.set(keyOf(each), shown);
      const size = each.kind === 'edition' ? await estimates.bytes(each.edition) : undefined;
      if (each.kind === 'edition' && size !== undefined) bytes.set(each.edition.id, size);
    }),
  );
  return { audiences, bytes };
}

/** Counts what sent editions came to, after pages have asked for it, one edition at a time. */
class FiguresKeeper {
  readonly #context: Context;
  readonly #background: DeskSite['background'];
  #running: Promise<void> | undefined;

  constructor(context: Context, background: DeskSite['background']) {
    this.#context = context;
    this.#background = background;
  }

  /** Waits a moment: few figures are counted at once. */
  async refresh(newsletterIds: number[] | undefined): Promise<void> {
    if (!this.#running) {
      this.#running = this.#count(newsletterIds).finally(() => {
        this.#running = undefined;
      });
      const running = this.#running;
      this.#background.run('counting what editions came to', () => running);
    }
    await Promise.race([this.#running.catch(() => {}), sleep(patienceMs, undefined, { ref: false })]);
  }

  async #count(newsletterIds: number[] | undefined): Promise<void> {
    for (const id of await figuresDue(this.#context, newsletterIds, comparedEditions))
      await countFigures(this.#context, id);
  }
}
