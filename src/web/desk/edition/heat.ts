import { sql } from 'kysely';
import type { Context } from '../../../context.ts';
import { composePage, prepareComposer } from '../../../delivery/compose.ts';
import { anybody } from '../../../delivery/readers.ts';
import type { Edition } from '../../../editions/editions.ts';
import { linkSigner } from '../../../links.ts';
import { escapeHtml } from '../../../rendering/assemble.ts';
import { CompiledForms } from '../../../rendering/store.ts';
import { withStoryIds, withStorySigns } from '../../../rendering/story-places.ts';
import { type DeskLanguage, percent } from '../words/words.ts';

/** A counted link of an edition, and what persons made of it. */
export interface LinkHeat {
  number: number;
  url: string;
  /** Of its story, among the edition's candidates. */
  position: number;
  /** Which of the story's further links, from 0; -1: the story itself. */
  related: number;
  /** Readers who followed it; without names, how often it was followed. */
  clicks: number;
  /** Of all clicks on links of the edition, from 0 to 1. */
  share: number;
}

/** The counted links of an edition, the most followed first; what programs followed is left out. */
export async function linkHeat({ db }: Pick<Context, 'db'>, editionId: number): Promise<LinkHeat[]> {
  const { rows } = await sql<Omit<LinkHeat, 'share'>>`
    with clicked as (
      select position, related, sum(clicks)::integer as clicks from (
        select position, related, count(*) as clicks from engagement
        where edition_id = ${editionId} and kind = 'click' and source = 'person' and position >= 0
        group by position, related
        union all
        select position, related, times from engagement_counts
        where edition_id = ${editionId} and kind = 'click' and source = 'person' and position >= 0
      ) as counted group by position, related)
    select number, url, position, related, coalesce(clicks, 0) as clicks
    from edition_links left join clicked using (position, related)
    where edition_id = ${editionId}
    order by clicks desc, number`.execute(db);
  // A story whose address was changed has a link for each of them, and its clicks count once.
  const places = new Map(rows.map(({ position, related, clicks }) => [`${position} ${related}`, clicks]));
  const all = [...places.values()].reduce((sum, clicks) => sum + clicks, 0);
  return rows.map((row) => ({ ...row, share: all > 0 ? row.clicks / all : 0 }));
}

/**
 * An edition as it was sent to readers without wishes, each counted link marked with its share of the clicks.
 * @throws UserError if the edition was never rendered
 */
export async function heatPage(
  context: Context,
  edition: Edition,
  heat: LinkHeat[],
  { language = edition.language, speaks }: { language: string | undefined; speaks: DeskLanguage },
): Promise<string> {
  const composer = await prepareComposer(context, edition, await linkSigner(context));
  const form = composer.compiled.for({ language, untracked: false });
  const { html } = composePage(
    context,
    {
      ...composer,
      compiled: new CompiledForms(new Map([['counted', withStorySigns(form)]]), language),
      // Whatever is counted by now: the links stand as they were sent.
      privacy: 'individual',
    },
    { ...anybody(0, 'reader@example.com'), language, untracked: false },
  );
  const keys = new Map(composer.stories.map(({ position, key }) => [position, key]));
  const page = withStoryIds(html, (position) => `story-${keys.get(position) ?? position}`);
  return withHeat(page, heat, speaks);
}

const countedLink = /(<a\b[^>]*\shref=")[^"]*\/c\/[^"/]+\/(\d+)("[^>]*)>/gi;

function withHeat(html: string, heat: LinkHeat[], speaks: DeskLanguage): string {
  const links = new Map(heat.map((link) => [link.number, link]));
  const most = heat[0]?.share ?? 0;
  const marked = html.replace(countedLink, (whole, start: string, number: string, end: string) => {
    const link = links.get(Number(number));
    if (!link) return whole;
    return `${start}${escapeHtml(link.url)}${end} data-heat="${percent(link.share, speaks)}" data-level="${levelOf(link.share, most)}">`;
  });
  return marked.replace(/<\/head\s*>/i, `<style>${heatCss}</style>$&`);
}

/** From 0, which nobody followed, to 5. */
const levelOf = (share: number, most: number) => (share === 0 ? 0 : Math.ceil((share / most) * 5));

// Grounds and their inks: each a contrast of 4.5 to 1 or more.
const levels: [ground: string, ink: string][] = [
  ['#ececea', '#4d5056'],
  ['#fff0c9', '#5c3d00'],
  ['#ffd37d', '#4a3000'],
  ['#ffa552', '#3d1f00'],
  ['#c23d1b', '#ffffff'],
  ['#7d1010', '#ffffff'],
];

const heatCss = `a[data-heat]{position:relative !important;outline-offset:2px;border-radius:2px}a[data-heat]::after{content:attr(data-heat);position:absolute;z-index:9;inset-block-start:-11px;inset-inline-end:-6px;padding:0 6px;border-radius:99px;font:600 11px/18px system-ui,sans-serif;white-space:nowrap;letter-spacing:0;text-transform:none;box-shadow:0 0 0 1.5px #fff}${levels
  .map(
    ([ground, ink], level) =>
      `a[data-level="${level}"]{outline:${level === 0 ? '1px dashed #a4a6aa' : `2px solid ${ground}`}}a[data-level="${level}"]::after{background:${ground};color:${ink}}`,
  )
  .join('')}`;
