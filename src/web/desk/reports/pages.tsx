/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { sql } from 'kysely';
import { may, visibleNewsletters } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import { findNewsletter, type Newsletter } from '../../../editions/newsletters.ts';
import { listReports } from '../../../subscribers/list-report.ts';
import type { DeskCall, DeskEnv, DeskSite } from '../env.ts';
import { showDesk } from '../frame.tsx';
import { type Cell, csvFile } from './csv.ts';
import { EditionReportPage } from './edition-report-page.tsx';
import {
  clicksOf,
  countedDomains,
  countedStories,
  newsletterSums,
  type StorySums,
  sentEditions,
  summedBy,
} from './figures.ts';
import { ReportsKeeper } from './keeper.ts';
import { type NewsletterReport, NewsletterReportPage } from './newsletter-report-page.tsx';
import { OverviewPage } from './overview-page.tsx';
import { periodOf } from './period.tsx';
import { type ReportedEdition, readEditionReport, reportedEdition, slotTitle } from './reported-edition.ts';

const id = ':id{[0-9]{1,15}}';
const slug = ':slug{[a-z0-9][a-z0-9-]*}';
const dayMs = 86_400_000;
const latestShown = 12;
/** Of a newsletter that comes more often, the latest are looked at. */
const mostEditions = 400;
const editionsAtOnce = 500;

/** `/desk/reports`: what came of what was sent, for who may see it. */
export function reportPages(context: Context, site: Pick<DeskSite, 'background'>): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  const keeper = new ReportsKeeper(context, site.background);
  const sinceOf = (days: number) => new Date(context.clock.now().getTime() - days * dayMs);

  app.get('/', async (c) => {
    const days = periodOf(c);
    const visible = visibleNewsletters(c.var.session.user);
    const latest = await latestEditions(context, visible);
    await keeper.refresh({ editions: latest.map((edition) => edition.id) });
    const newsletters = await newsletterSums(context, visible, days);
    return showDesk(
      c,
      <OverviewPage {...{ c, days, newsletters }} latest={await latestEditions(context, visible)} />,
    );
  });

  const editionFor = async (c: DeskCall): Promise<ReportedEdition> => {
    const edition = await reportedEdition(context, Number(c.req.param('id')));
    if (!edition || !may(c.var.session.user, 'view', edition.newsletterId)) throw new HTTPException(404);
    return edition;
  };

  app.get(`/editions/${id}`, async (c) => {
    const edition = await editionFor(c);
    if (['sent', 'sending', 'paused'].includes(edition.state))
      await keeper.refresh({ editions: [edition.id] });
    const report = await readEditionReport(context, edition);
    return showDesk(c, <EditionReportPage {...{ c, edition, ...report }} now={context.clock.now()} />);
  });

  app.get(`/editions/${id}/:table{(?:stories|slots|topics|domains|hours)\\.csv}`, async (c) => {
    const edition = await editionFor(c);
    const { kept } = await readEditionReport(context, edition);
    if (!kept) throw new HTTPException(404);
    const { report } = kept;
    const table = c.req.param('table').replace(/\.csv$/, '');
    const name = `${edition.slug}-${edition.at.toISOString().slice(0, 10)}-${table}`;
    switch (table) {
      case 'stories':
        return csvFile(
          c,
          name,
          ['position', 'story', 'publisher', 'topics', 'slot', 'shown', 'clicks', 'share', 'clicks beneath'],
          report.stories.map((story) => [
            story.position + 1,
            story.title,
            story.publisher,
            story.topics.join(', '),
            slotTitle(edition, story.slot),
            story.shown,
            clicksOf(story),
            story.shown ? clicksOf(story) / story.shown : null,
            story.relatedClicks,
          ]),
        );
      case 'slots':
        return sumsFile(
          c,
          name,
          'slot',
          summedBy(report.stories, (each) => [slotTitle(edition, each.slot)]),
        );
      case 'topics':
        return sumsFile(
          c,
          name,
          'topic',
          summedBy(report.stories, ({ topics }) => topics),
        );
      case 'hours':
        return csvFile(
          c,
          name,
          ['hour', 'opened', 'clicked'],
          report.hours.map(({ hour, opened, clicked }) => [hour, opened, clicked]),
        );
      default:
        return csvFile(
          c,
          name,
          ['domain', 'sent', 'delivered', 'failed', 'opened', 'clicked', 'unsubscribed', 'complaints'],
          report.domains.map((each) => [
            each.domain || 'others',
            each.sent,
            each.delivered,
            each.failed,
            each.opened,
            each.clicked,
            each.unsubscribed,
            each.complaints,
          ]),
        );
    }
  });

  const newsletterFor = async (c: DeskCall): Promise<Newsletter> => {
    const newsletter = await findNewsletter(context, c.req.param('slug') ?? '').catch(() => undefined);
    if (!newsletter || !may(c.var.session.user, 'view', newsletter.id)) throw new HTTPException(404);
    return newsletter;
  };

  const readNewsletter = async (newsletter: Newsletter, days: number): Promise<NewsletterReport> => {
    const wanted = { since: sinceOf(days), limit: mostEditions };
    const ids = (await sentEditions(context, newsletter.id, wanted)).map((edition) => edition.id);
    await keeper.refresh({ editions: ids, newsletterId: newsletter.id });
    const [editions, stories, domains, lists] = await Promise.all([
      sentEditions(context, newsletter.id, wanted),
      countedStories(context, ids),
      countedDomains(context, ids),
      listReports(context, newsletter.id),
    ]);
    return { newsletter, days, editions, stories, domains, lists };
  };

  app.get(`/newsletters/${slug}`, async (c) => {
    const report = await readNewsletter(await newsletterFor(c), periodOf(c));
    return showDesk(c, <NewsletterReportPage c={c} report={report} />);
  });

  app.get(`/newsletters/${slug}/:table{(?:editions|topics|slots|domains|growth)\\.csv}`, async (c) => {
    const newsletter = await newsletterFor(c);
    const table = c.req.param('table').replace(/\.csv$/, '');
    const days = periodOf(c);
    const name = `${newsletter.slug}-${table}`;
    if (table === 'editions')
      return csvFile(
        c,
        name,
        [
          'edition',
          'scheduled for',
          'subject',
          'delivered',
          'opened',
          'clicked',
          'unsubscribed',
          'complaints',
          'came back',
        ],
        editionRows(context, newsletter.id, sinceOf(days)),
      );
    if (table === 'growth') {
      const lists = await listReports(context, newsletter.id);
      const wanted = c.req.query('list');
      return csvFile(
        c,
        name,
        ['list', 'week from', 'subscribers', 'came', 'left', 'came back'],
        lists
          .filter(({ listId }) => !wanted || String(listId) === wanted)
          .flatMap((list) =>
            (list.weeks ?? []).map((week) => [
              list.name,
              week.week,
              week.size,
              week.joined,
              week.left,
              week.bounced,
            ]),
          ),
      );
    }
    const { stories, domains } = await readNewsletter(newsletter, days);
    if (table === 'topics')
      return sumsFile(
        c,
        name,
        'topic',
        summedBy(stories, ({ topics }) => topics),
      );
    if (table === 'slots')
      return sumsFile(
        c,
        name,
        'slot',
        summedBy(stories, (story) => [story.slot]),
      );
    return csvFile(
      c,
      name,
      ['domain', 'sent', 'delivered', 'failed', 'opened', 'clicked', 'complaints'],
      domains.map((each) => [
        each.domain || 'others',
        each.sent,
        each.delivered,
        each.failed,
        each.opened,
        each.clicked,
        each.complaints,
      ]),
    );
  });
  return app;
}

const sumsFile = (c: DeskCall, name: string, column: string, sums: StorySums[]) =>
  csvFile(
    c,
    name,
    [column, 'stories', 'shown', 'clicks', 'share'],
    sums.map((each) => [
      each.name,
      each.stories,
      each.shown,
      each.clicks,
      each.shown > 0 ? each.clicks / each.shown : null,
    ]),
  );

async function* editionRows(
  context: Pick<Context, 'db'>,
  newsletterId: number,
  since: Date,
): AsyncGenerator<Cell[]> {
  let before: Date | undefined;
  for (;;) {
    const page = await sentEditions(context, newsletterId, { since, before, limit: editionsAtOnce });
    for (const { id: edition, at, subject, figures } of page)
      yield [
        edition,
        at,
        subject,
        figures?.delivered,
        figures?.opened,
        figures?.clicked,
        figures?.unsubscribed,
        figures?.complaints,
        figures?.bounced,
      ];
    if (page.length < editionsAtOnce) return;
    before = page.at(-1)?.at;
  }
}

/** The editions that were sent last, of all newsletters that may be seen. */
async function latestEditions({ db }: Pick<Context, 'db'>, newsletterIds: number[] | undefined) {
  const rows = await db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .leftJoin('edition_figures as figures', 'figures.edition_id', 'editions.id')
    .select([
      'editions.id',
      'editions.subject',
      'editions.scheduled_for as at',
      'newsletters.name as newsletter',
      'newsletters.time_zone as timeZone',
      'figures.counted_at',
      'figures.accepted',
      'figures.opened',
      'figures.clicked',
      'figures.unsubscribed',
      'figures.complaints',
      'figures.bounced',
    ])
    .where('editions.state', '=', 'sent')
    .$if(newsletterIds !== undefined, (query) =>
      query.where('editions.newsletter_id', '=', sql<number>`any(${newsletterIds}::bigint[])`),
    )
    .orderBy('editions.scheduled_for', 'desc')
    .limit(latestShown)
    .execute();
  return rows.map(
    ({ counted_at, accepted, opened, clicked, unsubscribed, complaints, bounced, ...edition }) => ({
      ...edition,
      figures: counted_at
        ? {
            delivered: accepted ?? 0,
            opened,
            clicked,
            unsubscribed: unsubscribed ?? 0,
            complaints: complaints ?? 0,
            bounced: bounced ?? 0,
          }
        : undefined,
    }),
  );
}
