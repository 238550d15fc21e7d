/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type Act, may } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import type { Audience } from '../../../delivery/plan.ts';
import { sendTest, setSeedAddresses } from '../../../delivery/test-mail.ts';
import { type Edition, getEdition } from '../../../editions/editions.ts';
import { move } from '../../../editions/lifecycle.ts';
import { editNewsletter } from '../../../editions/newsletters.ts';
import { UserError } from '../../../errors.ts';
import { approveEdition } from '../../../schedule/approve-edition.ts';
import { settle } from '../../../schedule/settle.ts';
import { formOf } from '../../request.ts';
import { doNoted, noteDeskAct } from '../access/door.ts';
import { deskPath } from '../access/local-path.ts';
import type { DeskCall, DeskEnv } from '../env.ts';
import { showDesk } from '../frame.tsx';
import { changeSummaries } from '../sayings/changes.ts';
import { errorSaid } from '../sayings/errors.ts';
import { worded } from '../sayings/german.ts';
import { ToldError } from '../sayings/told.tsx';
import { asksForPiece, toast } from '../toast.tsx';
import type { Estimates } from '../today/estimates.ts';
import { away, moment, speaking } from '../words/words.ts';
import { zoneName } from '../zone.ts';
import { approverOf, readSheet, startOf } from './sheet.ts';
import { type Said, SheetPage, type SheetPageProps } from './sheet-page.tsx';
import { UnusualList } from './unusual.tsx';
import { instantAt } from './wall-clock.ts';
import { Who } from './who.tsx';
import { sendTexts } from './words.ts';

const id = ':id{[0-9]{1,15}}';
// A page does not wait longer for the edition to be checked, and for its readers to be counted.
const patienceMs = 150;
const mostTestsAnHour = 60;
const longestAheadMs = 366 * 24 * 3_600_000;

/** What became of a press, as the page that follows it says. */
const outcomes = {
  approved: 'good',
  takenBack: 'plain',
  held: 'wait',
  resumed: 'good',
  cancelled: 'plain',
  seedsSaved: 'good',
  undoSaved: 'good',
} as const;

type Outcome = keyof typeof outcomes;

/** `/desk/editions/ID/send`: tests, approval, holding, cancelling. */
export function sendPages(context: Context, estimates: Estimates): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();

  const page = async (
    c: DeskCall,
    editionId: number,
    more: Partial<Pick<SheetPageProps, 'said' | 'chosen' | 'seeds'>> = {},
    status: ContentfulStatusCode = 200,
  ) => {
    const waits = c.req.method === 'POST' || c.req.query('wait') !== undefined;
    const sheet = await readSheet(
      context,
      estimates,
      editionId,
      c.var.session,
      waits ? Number.POSITIVE_INFINITY : patienceMs,
    );
    if (!sheet) throw new HTTPException(404);
    const audience = await audienceOf(c, sheet.edition, patienceMs);
    return showDesk(
      c,
      <SheetPage c={c} sheet={sheet} audience={audience} now={context.clock.now()} {...more} />,
      status,
    );
  };
  const audienceOf = (c: DeskCall, edition: Edition, withinMs: number): Promise<Audience | undefined> =>
    c.req.query('count') ? estimates.counted(edition) : estimates.audience(edition, withinMs);

  /** The edition, if whoever asks may do that to it. */
  const editionFor = async (c: DeskCall, act: Act): Promise<Edition> => {
    const edition = await getEdition(context, Number(c.req.param('id'))).catch(() => undefined);
    if (!edition || !may(c.var.session.user, 'view', edition.newsletter_id)) throw new HTTPException(404);
    if (!may(c.var.session.user, act, edition.newsletter_id)) throw new HTTPException(403);
    return edition;
  };
  const done = (c: DeskCall, edition: Edition, outcome: Outcome, back?: string) =>
    c.redirect(back ?? `/desk/editions/${edition.id}/send?done=${outcome}`, 303);

  app.get(`/${id}/send`, async (c) => {
    const say = speaking(sendTexts, c.var.language);
    const outcome = c.req.query('done') ?? '';
    const tested = Number(c.req.query('tested'));
    const said: Said[] = [
      ...(outcome in outcomes ? [{ mood: outcomes[outcome as Outcome], text: say(outcome as Outcome) }] : []),
      ...(tested > 0 && tested < 1000
        ? [{ mood: 'good' as const, text: say('tested', { count: tested }) }]
        : []),
    ];
    return page(c, Number(c.req.param('id')), { said });
  });

  app.get(`/${id}/send/who`, async (c) => {
    const sheet = await readSheet(
      context,
      estimates,
      Number(c.req.param('id')),
      c.var.session,
      Number.POSITIVE_INFINITY,
    );
    if (!sheet) throw new HTTPException(404);
    const now = context.clock.now();
    const start = startOf(sheet.edition) > now ? startOf(sheet.edition) : now;
    const audience = await estimates.counted(sheet.edition);
    const { language } = c.var;
    return c.html(
      <>
        <Who sheet={sheet} audience={audience} language={language} start={start} />
        <UnusualList sheet={sheet} audience={audience} language={language} swapped />
      </>,
    );
  });

  app.post(`/${id}/approve`, async (c) => {
    const before = await editionFor(c, 'approve');
    const say = speaking(sendTexts, c.var.language);
    const form = await formOf(c);
    const chosen = { when: form.when?.[0] ?? '', at: form.at?.[0] ?? '' };
    const wrong = (text: Said['text'], status: ContentfulStatusCode, mood: Said['mood'] = 'bad') =>
      page(c, before.id, { said: [{ mood, text }], chosen }, status);
    if (before.state !== 'review') return wrong(await wasFirst(c, before), 409, 'wait');
    if (Number(form.version?.[0]) !== before.version)
      return wrong(await changes(c, before, Number(form.version?.[0])), 409, 'wait');
    const { edition, problem } = await settle(context, before.id);
    if (problem) return wrong(say('problem', { problem }), 422);
    const { time_zone, undo_seconds } = await context.db
      .selectFrom('newsletters')
      .select(['time_zone', 'undo_seconds'])
      .where('id', '=', edition.newsletter_id)
      .executeTakeFirstOrThrow();
    const start = startFor(chosen, edition, context.clock.now(), time_zone, undo_seconds);
    if (start === 'passed') {
      const time = `${moment(edition.scheduled_for, c.var.language, time_zone)} (${zoneName(time_zone)})`;
      return page(
        c,
        edition.id,
        { said: [{ mood: 'wait', text: say('passed', { time }) }], chosen: { when: 'now', at: '' } },
        409,
      );
    }
    if (typeof start === 'string') return wrong(say(start), 422);
    try {
      await approveEdition(context, { ...edition, version: before.version }, () => {}, {
        startsAt: start.startsAt,
        note: (db, approved) =>
          noteDeskAct({ ...context, db }, c, {
            act: 'edition.approve',
            newsletterId: approved.newsletter_id,
            editionId: approved.id,
            subject: approved.subject,
            details: { version: approved.version, starts: startOf(approved).toISOString() },
          }),
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (error.code === 'checks') return wrong(say('blocked'), 422);
      if (error.code !== 'state') return wrong(<ToldError error={error} language={c.var.language} />, 422);
      const now = await getEdition(context, edition.id);
      if (now.state !== 'review') return wrong(await wasFirst(c, now), 409, 'wait');
      return wrong(await changes(c, now, before.version), 409, 'wait');
    }
    return done(c, edition, 'approved');
  });

  /** Who approved it before, as a sentence. */
  const wasFirst = async (c: DeskCall, edition: Edition): Promise<string> => {
    const say = speaking(sendTexts, c.var.language);
    const by = await approverOf(context, edition);
    return by
      ? say('wasFirst', { name: by.name, away: away(by.at, context.clock.now(), c.var.language) })
      : say('wasFirstState');
  };

  /** What was changed since a version, by whom. */
  const changes = async (c: DeskCall, edition: Edition, since: number) => {
    const say = speaking(sendTexts, c.var.language);
    const rows = Number.isSafeInteger(since)
      ? await context.db
          .selectFrom('edition_versions')
          .select(['user_name', 'summary'])
          .where('edition_id', '=', edition.id)
          .where('version', '>', since)
          .orderBy('version', 'desc')
          .limit(5)
          .execute()
      : [];
    return (
      <>
        <p>{say('changed')}</p>
        {rows.length > 0 ? (
          <ul class="bullets">
            {rows.map(({ user_name, summary }) => (
              <li>
                {say('changedBy', {
                  name: user_name,
                  summary: worded(summary, changeSummaries, c.var.language).text,
                })}
              </li>
            ))}
          </ul>
        ) : null}
      </>
    );
  };

  for (const [path, transition, outcome] of [
    ['withdraw', 'withdraw', 'takenBack'],
    ['hold', 'pause', 'held'],
    ['resume', 'resume', 'resumed'],
    ['cancel', 'cancel', 'cancelled'],
  ] as const)
    app.post(`/${id}/${path}`, async (c) => {
      const edition = await editionFor(c, 'approve');
      const say = speaking(sendTexts, c.var.language);
      const back = deskPath((await formOf(c)).back?.[0]);
      const { user } = c.var.session;
      const reason = transition === 'pause' ? `held by ${user.name || user.email}` : null;
      try {
        const startsAt = transition === 'resume' ? await afterResuming(context, edition) : undefined;
        await context.db.transaction().execute(async (transaction) => {
          const within = { ...context, db: transaction };
          await move(within, edition.id, transition, reason, undefined, startsAt);
          await noteDeskAct(within, c, {
            act: `edition.${path}`,
            newsletterId: edition.newsletter_id,
            editionId: edition.id,
            subject: edition.subject,
          });
        });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        const { state } = await getEdition(context, edition.id);
        const tooLate = transition === 'withdraw' && (state === 'sending' || state === 'sent');
        return page(
          c,
          edition.id,
          {
            said: [
              {
                mood: 'bad',
                text: tooLate ? say('tooLate') : <ToldError error={error} language={c.var.language} />,
              },
            ],
          },
          409,
        );
      }
      return done(c, edition, outcome, back);
    });

  app.post(`/${id}/test`, async (c) => {
    const asked = await editionFor(c, 'edit');
    const say = speaking(sendTexts, c.var.language);
    const { session } = c.var;
    const form = await formOf(c);
    const wrong = (text: string, status: ContentfulStatusCode) =>
      asksForPiece(c) ? toast(c, text, status) : page(c, asked.id, { said: [{ mood: 'bad', text }] }, status);
    const seeds =
      form.to?.[0] === 'seeds'
        ? await context.db
            .selectFrom('seed_addresses')
            .select('email')
            .where('newsletter_id', '=', asked.newsletter_id)
            .execute()
        : undefined;
    if (seeds?.length === 0) return wrong(say('noSeeds'), 422);
    const to = seeds ?? [{ email: session.user.email, name: session.user.name }];
    if ((await testsOfLastHour(context, asked.id)) + to.length > mostTestsAnHour)
      return wrong(say('tooManyTests', { most: mostTestsAnHour }), 429);
    try {
      const { edition, problem } = await settle(context, asked.id);
      if (problem) return wrong(say('problem', { problem }), 422);
      await noteDeskAct(context, c, {
        act: 'edition.test',
        newsletterId: edition.newsletter_id,
        editionId: edition.id,
        subject: edition.subject,
        details: { mails: to.length, to: seeds ? 'seed list' : 'oneself' },
      });
      const sent = await sendTest(context, edition, to);
      const failed = sent.filter(({ problem }) => problem !== undefined);
      if (failed.length > 0)
        return wrong(
          `${say('testFailed')} ${failed.map(({ to, problem }) => `${to}: ${problem}`).join('; ')}`,
          502,
        );
      if (asksForPiece(c)) return toast(c, say('tested', { count: sent.length }));
      return c.redirect(`/desk/editions/${edition.id}/send?tested=${sent.length}`, 303);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return wrong(errorSaid(error, c.var.language).text, 422);
    }
  });

  app.post(`/${id}/seeds`, async (c) => {
    const edition = await editionFor(c, 'edit');
    const text = (await formOf(c)).seeds?.[0] ?? '';
    const emails = text.split(/[\s,;]+/).filter(Boolean);
    try {
      await doNoted(context, c, (within) => setSeedAddresses(within, edition.newsletter_id, emails), {
        act: 'newsletter.seeds',
        newsletterId: edition.newsletter_id,
        details: { addresses: emails.length },
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return page(
        c,
        edition.id,
        { said: [{ mood: 'bad', text: <ToldError error={error} language={c.var.language} /> }], seeds: text },
        422,
      );
    }
    return done(c, edition, 'seedsSaved');
  });

  app.post(`/${id}/undo-time`, async (c) => {
    const edition = await editionFor(c, 'administer');
    const undoSeconds = Number((await formOf(c)).seconds?.[0] || Number.NaN);
    try {
      await doNoted(
        context,
        c,
        (within) => editNewsletter(within, edition.newsletter_id, { undoSeconds: Math.round(undoSeconds) }),
        {
          act: 'newsletter.undo-time',
          newsletterId: edition.newsletter_id,
          details: { seconds: undoSeconds },
        },
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return page(
        c,
        edition.id,
        { said: [{ mood: 'bad', text: <ToldError error={error} language={c.var.language} /> }] },
        422,
      );
    }
    return done(c, edition, 'undoSaved');
  });
  return app;
}

/**
 * When an edition is to begin.
 * @returns what is wrong with the choice, by the name of its text; `passed`: its time passed since it was looked at
 */
function startFor(
  chosen: { when: string; at: string },
  { scheduled_for }: Edition,
  now: Date,
  timeZone: string,
  undoSeconds: number,
): { startsAt: Date | null } | 'passed' | 'timeIsPast' | 'timeIsWrong' | 'tooFar' {
  const soonest = new Date(now.getTime() + undoSeconds * 1000);
  if (chosen.when === 'scheduled') {
    if (scheduled_for <= now) return 'passed';
    return { startsAt: scheduled_for >= soonest ? null : soonest };
  }
  if (chosen.when === 'now') return { startsAt: soonest };
  const at = chosen.when === 'at' ? instantAt(chosen.at, timeZone) : undefined;
  if (!at) return 'timeIsWrong';
  if (at <= now) return 'timeIsPast';
  if (at.getTime() - now.getTime() > longestAheadMs) return 'tooFar';
  return { startsAt: at >= soonest ? at : soonest };
}

/** What goes on is about to leave again: as with an approval there is a moment to take it back. */
async function afterResuming({ db, clock }: Context, edition: Edition): Promise<Date | undefined> {
  if (edition.planned_at) return undefined;
  const { undo_seconds } = await db
    .selectFrom('newsletters')
    .select('undo_seconds')
    .where('id', '=', edition.newsletter_id)
    .executeTakeFirstOrThrow();
  const soonest = new Date(clock.now().getTime() + undo_seconds * 1000);
  return startOf(edition) >= soonest ? undefined : soonest;
}

/** How many mails tests of an edition were, over the last hour. */
async function testsOfLastHour({ db, clock }: Context, editionId: number): Promise<number> {
  const rows = await db
    .selectFrom('audit_log')
    .select('details')
    .where('edition_id', '=', editionId)
    .where('act', '=', 'edition.test')
    .where('at', '>', new Date(clock.now().getTime() - 3_600_000))
    .execute();
  return rows.reduce((sum, { details }) => sum + Number((details as { mails?: number }).mails ?? 1), 0);
}
