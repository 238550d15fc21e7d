import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { newsletterHoldings, removeNewsletter } from '../delivery/remove-editions.ts';
import { parseCheckSettings } from '../editions/check-settings.ts';
import {
  createNewsletter,
  editNewsletter,
  findNewsletter,
  listIdsOf,
  listNewsletters,
  type Newsletter,
  setNewsletterPaused,
} from '../editions/newsletters.ts';
import { parseTracking } from '../editions/tracking.ts';
import { UserError } from '../errors.ts';
import { checkSchedule, nextOccurrence } from '../schedule/occurrences.ts';
import { countSegment } from '../subscribers/segments/count.ts';
import { findSegment } from '../subscribers/segments/segments.ts';
import { type Output, withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { fieldsFrom, type NewsletterOptions, withFields } from './newsletter-fields.ts';

const fields = `{ id, slug, name, description, from, fromName, replyTo, subject, language, cron, timeZone, catchUp, mode,
  theme, brand, tracking, checks, languages, preheader, plainLinks, publicArchive, subjectTest, policy, policyVersion,
  onUncertain, paused, lists, segment, next }`;

/** `broadsheet newsletters`: products with a name, a schedule, lists and a way of choosing. */
export function register(program: Command): void {
  const group = program.command('newsletters').description('make and change newsletters');

  withFields(group.command('create <slug>').description('make a newsletter'))
    .addHelpText(
      'after',
      helpText({
        json: 'the newsletter, as "newsletters show" gives it',
        examples: [
          'newsletters create morning --name "Morning News" --from news@example.com \\\n    --cron "0 7 * * *" --time-zone Europe/Berlin --list readers --theme broadsheet',
        ],
      }),
    )
    .action((slug: string, options: NewsletterOptions, command: Command) =>
      withContext(command, async (context, output) => {
        if (!options.from || !options.cron)
          throw new UserError('A newsletter needs a sender (--from) and a schedule (--cron).', {
            code: 'usage',
          });
        const fields = await fieldsFrom(context, options);
        checkSchedule(options.cron, options.timeZone ?? 'UTC');
        const newsletter = await createNewsletter(context, {
          name: titled(slug),
          ...fields,
          slug,
          fromAddress: options.from,
          cron: options.cron,
        });
        output.text(
          `Made the newsletter "${newsletter.name}" (${newsletter.slug}). Its next edition is for ${next(newsletter)?.toISOString()}.`,
        );
        if (!options.list) output.text(`It has no list yet: broadsheet newsletters edit ${slug} --list LIST`);
        await tellReach(context, output, newsletter, fields.listIds ?? []);
        output.result(shown(newsletter, options.list ?? [], await segmentName(context, newsletter)));
      }),
    );

  group
    .command('list')
    .description('list newsletters with their next edition')
    .addHelpText(
      'after',
      helpText({
        json: 'a list of what "newsletters show" gives',
        examples: ['newsletters list', 'newsletters list --json | jq -r ".[].slug"'],
      }),
    )
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const newsletters = await listNewsletters(context);
        output.table(
          newsletters.map((each) => ({
            slug: each.slug,
            name: each.name,
            lists: each.lists,
            schedule: `${each.cron} (${each.time_zone})`,
            mode: each.mode,
            next: each.paused ? 'paused' : next(each),
          })),
          'There are no newsletters yet. Make one with "broadsheet newsletters create".',
        );
        output.result(newsletters.map((each) => shown(each, each.lists, each.segment)));
      }),
    );

  group
    .command('show <newsletter>')
    .description('show all settings of a newsletter')
    .addHelpText(
      'after',
      helpText({ json: fields, examples: ['newsletters show morning', 'newsletters show 1 --json'] }),
    )
    .action((reference: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const { id } = await findNewsletter(context, reference);
        const newsletter = (await listNewsletters(context)).find((each) => each.id === id);
        if (!newsletter) return;
        const document = shown(newsletter, newsletter.lists, newsletter.segment);
        const width = Math.max(...Object.keys(document).map((name) => name.length));
        for (const [name, value] of Object.entries(document))
          output.text(
            `${name.padEnd(width)}  ${value !== null && typeof value === 'object' && !(value instanceof Date) ? JSON.stringify(value) : value instanceof Date ? value.toISOString() : (value ?? '-')}`,
          );
        output.result(document);
      }),
    );

  withFields(group.command('edit <newsletter>').description('change settings; what is not named stays'))
    .addHelpText(
      'after',
      helpText({
        json: 'the newsletter, as "newsletters show" gives it',
        examples: [
          'newsletters edit morning --cron "30 6 * * 1-5" --list readers staff',
          'newsletters edit morning --policy bolder.json --policy-note "more from the port"',
        ],
      }),
    )
    .action((reference: string, options: NewsletterOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const before = await findNewsletter(context, reference);
        const fields = await fieldsFrom(context, options, before);
        if (options.cron || options.timeZone)
          checkSchedule(options.cron ?? before.cron, options.timeZone ?? before.time_zone);
        const newsletter = await editNewsletter(context, before.id, fields);
        output.text(
          `Changed "${newsletter.name}". Its next edition is for ${next(newsletter)?.toISOString()}.`,
        );
        const after = (await listNewsletters(context)).find((each) => each.id === newsletter.id);
        if (options.segment || options.list)
          await tellReach(context, output, newsletter, await listIdsOf(context, newsletter.id));
        output.result(shown(newsletter, after?.lists ?? [], after?.segment ?? null));
      }),
    );

  for (const [verb, paused, done] of [
    ['pause', true, 'Paused'],
    ['resume', false, 'Resumed'],
  ] as const)
    group
      .command(`${verb} <newsletter>`)
      .description(paused ? 'make no new editions' : 'make editions again, from now on')
      .addHelpText('after', helpText({ json: '{ slug, paused }', examples: [`newsletters ${verb} morning`] }))
      .action((reference: string, _options, command: Command) =>
        withContext(command, async (context, output) => {
          const newsletter = await findNewsletter(context, reference);
          await setNewsletterPaused(context, newsletter.id, paused);
          output.text(`${done} "${newsletter.name}".`);
          output.result({ slug: newsletter.slug, paused });
        }),
      );

  destructive(group.command('remove <newsletter>'))
    .description('remove a newsletter with all its editions; lists, people and stories stay')
    .addHelpText(
      'after',
      helpText({
        json: '{ removed: slug, editions, sent, deliveries }',
        examples: ['newsletters remove morning --dry-run', 'newsletters remove morning --yes'],
      }),
    )
    .action((reference: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const { id, slug, name } = await findNewsletter(context, reference);
        const holdings = await newsletterHoldings(context, id);
        const { editions, sent, deliveries } = holdings;
        const isAgreed = await confirmDestructive(output, options, {
          what: `This removes the newsletter "${name}" (${slug}), and it cannot be undone.`,
          effects: [
            `${editions} ${editions === 1 ? 'edition goes' : 'editions go'}, with reports and what was clicked`,
            ...(sent > 0
              ? [
                  `${sent} of them ${sent === 1 ? 'was' : 'were'} sent, in ${deliveries} deliveries: the links in those mails will lead nowhere, but for those to leave`,
                ]
              : []),
          ],
          instead: `To make no more editions of it, and keep what was sent: broadsheet newsletters pause ${slug}`,
          plan: { newsletter: slug, ...holdings },
        });
        if (!isAgreed) return;
        await removeNewsletter(context, id);
        output.text(`Removed the newsletter "${name}".`);
        output.result({ removed: slug, ...holdings });
      }),
    );
}

function next(newsletter: Newsletter): Date | undefined {
  try {
    return nextOccurrence(newsletter.cron, newsletter.time_zone, newsletter.scheduled_through);
  } catch {
    return undefined;
  }
}

function titled(slug: string): string {
  return slug
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

/** How many get a newsletter that is limited to a segment. */
async function tellReach(
  context: Context,
  output: Output,
  newsletter: Newsletter,
  listIds: number[],
): Promise<void> {
  if (newsletter.segment_id === null) return;
  const { reachable } = await countSegment(context, newsletter.segment_id, listIds);
  output.text(
    `It goes to the segment "${await segmentName(context, newsletter)}" only: ${reachable.toLocaleString('en')} of its subscribers now.`,
  );
}

const segmentName = async (context: Context, { segment_id }: Newsletter): Promise<string | null> =>
  segment_id === null ? null : (await findSegment(context, segment_id)).name;

/** The documented shape of a newsletter in `--json`. */
function shown(newsletter: Newsletter, lists: string[], segment: string | null) {
  return {
    id: newsletter.id,
    slug: newsletter.slug,
    name: newsletter.name,
    description: newsletter.description,
    from: newsletter.from_address,
    fromName: newsletter.from_name,
    replyTo: newsletter.reply_to,
    subject: newsletter.subject,
    language: newsletter.language,
    cron: newsletter.cron,
    timeZone: newsletter.time_zone,
    catchUp: newsletter.catch_up,
    mode: newsletter.mode,
    theme: newsletter.theme,
    brand: newsletter.brand,
    tracking: parseTracking(newsletter.tracking),
    checks: parseCheckSettings(newsletter.checks),
    languages: newsletter.languages,
    preheader: newsletter.preheader,
    plainLinks: newsletter.plain_links,
    publicArchive: newsletter.public_archive,
    subjectTest: newsletter.subject_test,
    policy: newsletter.policy,
    policyVersion: newsletter.policy_version,
    onUncertain: newsletter.on_uncertain,
    paused: newsletter.paused,
    lists,
    segment,
    next: newsletter.paused ? null : (next(newsletter) ?? null),
  };
}
