import type { Command } from 'commander';
import { withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { type NewsletterOptions, withFields } from './newsletter-options.ts';
import { orAsk } from './wizards/or-ask.ts';

const { newsletterHoldings, removeNewsletter } = lazily(() => import('../delivery/remove-editions.ts'));
const { createNewsletter, editNewsletter, findNewsletter, listIdsOf, listNewsletters, setNewsletterPaused } =
  lazily(() => import('../editions/newsletters.ts'));
const { fieldsFrom } = lazily(() => import('./newsletter-fields.ts'));
/** What is told of a newsletter; with what that needs it is loaded by the command that tells. */
const telling = () => import('./newsletter-output.ts');

const fields = `{ id, slug, name, description, from, fromName, replyTo, subject, language, cron, timeZone, catchUp, deliverAt,
  retryMinutes, stopRates, undoSeconds, mode, theme, brand, tracking, checks, languages, preheader, plainLinks,
  publicArchive, subjectTest, policy, policyVersion, onUncertain, paused, lists, segment, sources, next }`;

/** `broadsheet newsletters`: products with a name, a schedule, lists and a way of choosing. */
export function register(group: Command): void {
  withFields(
    group
      .command('create [slug]')
      .description('make a newsletter; what it needs and is not given, it asks for'),
  )
    .addHelpText(
      'after',
      helpText({
        json: 'the newsletter, as "newsletters show" gives it',
        examples: [
          'newsletters create',
          'newsletters create morning --name "Morning News" --from news@example.com \\\n    --cron "0 7 * * *" --time-zone Europe/Berlin --list readers --theme broadsheet',
        ],
      }),
    )
    .action((slug: string | undefined, options: NewsletterOptions, command: Command) => {
      const { from, cron } = options;
      if (!slug || !from || !cron)
        return orAsk(
          command,
          'a short name, a sender (--from) and a schedule (--cron)',
          async () => (await import('./wizards/newsletter.ts')).newsletterScript,
        );
      return withContext(command, async (context, output) => {
        const fields = await fieldsFrom(context, options);
        const { next, shown, tellReach } = await telling();
        const newsletter = await createNewsletter(context, {
          name: titled(slug),
          ...fields,
          slug,
          fromAddress: from,
          cron,
        });
        output.text(
          `Made the newsletter "${newsletter.name}" (${newsletter.slug}). Its next edition is for ${next(newsletter)?.toISOString()}.`,
        );
        if (!options.list) output.text(`It has no list yet: broadsheet newsletters edit ${slug} --list LIST`);
        await tellReach(context, output, newsletter, fields.listIds ?? []);
        output.result((await shown(context, [newsletter]))[0]);
      });
    });

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
        const { next, shown } = await telling();
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
        output.result(await shown(context, newsletters));
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
        const newsletter = await findNewsletter(context, reference);
        const { shown } = await telling();
        const [document = {}] = await shown(context, [newsletter]);
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
        const { next, shown, tellReach } = await telling();
        const newsletter = await editNewsletter(context, before.id, fields);
        output.text(
          `Changed "${newsletter.name}". Its next edition is for ${next(newsletter)?.toISOString()}.`,
        );
        if (options.segment || options.list)
          await tellReach(context, output, newsletter, await listIdsOf(context, newsletter.id));
        output.result((await shown(context, [newsletter]))[0]);
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

function titled(slug: string): string {
  return slug
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}
