import { readFileSync } from 'node:fs';
import type { Context } from '../context.ts';
import type { Newsletter, NewsletterFields } from '../editions/newsletters.ts';
import { messageOf, UserError } from '../errors.ts';
import { parseBrand } from '../rendering/brand.ts';
import { checkSettings } from '../schedule/newsletter-settings.ts';
import type { About } from '../selection/policy.ts';
import { readPolicyFile } from '../selection/policy-file.ts';
import { readStory } from '../stories/read-story.ts';
import { findList } from '../subscribers/lists.ts';
import { findSegment } from '../subscribers/segments/segments.ts';
import type { NewsletterOptions } from './newsletter-options.ts';
import { duration } from './values.ts';

/** A newsletter's fields from what was given; what was not stays out. @throws UserError if something given cannot be used */
export async function fieldsFrom(
  context: Context,
  options: NewsletterOptions,
  before?: Newsletter,
): Promise<Partial<NewsletterFields>> {
  checkSettings(options, before);
  const brand = {
    ...((before?.brand as object) ?? {}),
    ...(options.brand ? parseBrand(jsonOf(options.brand, 'brand')) : {}),
    ...(options.colour ? { colour: options.colour } : {}),
    ...(options.footer ? { footer: options.footer } : {}),
  };
  if (options.colour && !/^#[0-9a-f]{6}$/i.test(options.colour))
    throw new UserError(`"${options.colour}" is no colour.`, { code: 'usage', hint: 'Write it as #1f5fbf.' });
  return {
    ...(options.name ? { name: options.name } : {}),
    description: options.description,
    fromName: options.fromName,
    ...(options.from ? { fromAddress: options.from } : {}),
    replyTo: options.replyTo === 'none' ? null : options.replyTo,
    subject: options.subject,
    language: options.language,
    ...(options.cron ? { cron: options.cron } : {}),
    timeZone: options.timeZone,
    catchUp: options.catchUp,
    ...(options.deliverAt ? { deliverAt: options.deliverAt === 'off' ? null : options.deliverAt } : {}),
    ...(options.retryFor ? { retryMinutes: minutesOf(options.retryFor) } : {}),
    ...(options.undoFor ? { undoSeconds: secondsOf(options.undoFor) } : {}),
    ...(options.stopAt ? { stopRates: ratesOf(options.stopAt) } : {}),
    mode: options.mode,
    theme: options.theme,
    ...(options.colour || options.footer || options.brand ? { brand } : {}),
    ...trackingFrom(options, before),
    ...checksFrom(options, before),
    languages: options.languages,
    preheader: options.preheader,
    subjectTest:
      options.subjectTest === undefined
        ? undefined
        : options.subjectTest === 'off'
          ? null
          : (jsonOf(options.subjectTest, 'test of subjects') as Record<string, unknown>),
    plainLinks: options.plainLinks === 'theme' ? null : options.plainLinks,
    publicArchive: options.publicArchive && options.publicArchive === 'on',
    ...(await policyFrom(context, options, before)),
    policyNote: options.policyNote,
    onUncertain: options.onUncertain,
    ...(options.segment
      ? {
          segmentId: options.segment === 'none' ? null : (await findSegment(context, options.segment)).id,
        }
      : {}),
    ...(options.list
      ? { listIds: await Promise.all(options.list.map(async (list) => (await findList(context, list)).id)) }
      : {}),
    ...(options.source
      ? {
          sourceIds:
            options.source.join() === 'all'
              ? []
              : await Promise.all(options.source.map((source) => sourceId(context, source))),
        }
      : {}),
  };
}

/** @throws UserError if there is no such file, or it is no JSON */
function jsonOf(file: string, what: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`The ${what} in ${file} cannot be read: ${messageOf(error)}.`, { code: 'usage' });
  }
}

function trackingFrom(
  { privacy, clicks, opens, utm }: Pick<NewsletterOptions, 'privacy' | 'clicks' | 'opens' | 'utm'>,
  before: Newsletter | undefined,
): Pick<NewsletterFields, 'tracking'> {
  if (!privacy && !clicks && !opens && !utm) return {};
  return {
    tracking: {
      ...((before?.tracking as object | undefined) ?? {}),
      ...(privacy ? { privacy } : {}),
      ...(clicks ? { clicks: clicks === 'on' } : {}),
      ...(opens ? { opens: opens === 'on' } : {}),
      ...(utm ? { utm: utm === 'off' ? null : utm === 'on' ? {} : { campaign: utm } } : {}),
    },
  };
}

function checksFrom(
  { block, checkLinks, ignoreChecks }: Pick<NewsletterOptions, 'block' | 'checkLinks' | 'ignoreChecks'>,
  before: Newsletter | undefined,
): Pick<NewsletterFields, 'checks'> {
  if (!block && !checkLinks && !ignoreChecks) return {};
  return {
    checks: {
      ...((before?.checks as object | undefined) ?? {}),
      ...(block ? { block } : {}),
      ...(checkLinks ? { links: checkLinks === 'on' } : {}),
      ...(ignoreChecks ? { ignore: ignoreChecks.filter((id) => id !== 'none') } : {}),
    },
  };
}

async function policyFrom(
  context: Context,
  options: NewsletterOptions,
  before?: Newsletter,
): Promise<Pick<NewsletterFields, 'policy'>> {
  if (!options.policy && !options.about) return {};
  const former = before?.policy as Record<string, unknown> | undefined;
  const policy = options.policy
    ? withSeed(readPolicyFile(options.policy).document as Record<string, unknown>, former)
    : former;
  if (!options.about) return { policy };
  const { title, dek, bodyText, url, language, publishedAt } = await readStory(context, options.about);
  const about: About = {
    title,
    dek: dek.slice(0, 2000),
    text: bodyText.slice(0, 20_000),
    url,
    language,
    publishedAt: publishedAt.toISOString(),
  };
  // One subject rarely has as many storylines as the world.
  return { policy: { minimumStories: 1, ...policy, about } };
}

/** The story around which a newsletter is built stays, unless the file names another, or none: `"about": null`. */
function withSeed(
  { about, ...document }: Record<string, unknown>,
  former: Record<string, unknown> | undefined,
): Record<string, unknown> {
  if (about === null) return document;
  if (about !== undefined) return { ...document, about };
  return former?.about
    ? { minimumStories: former.minimumStories ?? 1, ...document, about: former.about }
    : document;
}

async function sourceId(context: Context, reference: string): Promise<number> {
  const row = await context.db
    .selectFrom('sources')
    .select('id')
    .where((e) =>
      /^\d{1,15}$/.test(reference)
        ? e('id', '=', Number(reference))
        : e.or([e('url', '=', reference), e('name', '=', reference)]),
    )
    .executeTakeFirst();
  if (!row)
    throw new UserError(`There is no source "${reference}".`, {
      code: 'not-found',
      hint: 'List them with "broadsheet sources list".',
    });
  return row.id;
}

function minutesOf(text: string): number {
  const seconds = duration(text);
  if (seconds === undefined)
    throw new UserError(`--retry-for takes a time such as 90m, 12h or 2d, not "${text}".`, { code: 'usage' });
  return Math.round(seconds / 60);
}

function secondsOf(text: string): number {
  const seconds = duration(text);
  if (seconds === undefined)
    throw new UserError(`--undo-for takes a time such as 10s or 2m, not "${text}".`, { code: 'usage' });
  return Math.round(seconds);
}

/** `bounces=5%,complaints=0.3%,after=500`: what is left out has its default. */
function ratesOf(text: string): Record<string, number> {
  const rates: Record<string, number> = {};
  for (const each of text.split(',')) {
    const [, name, value, unit] =
      /^\s*(bounces|complaints|after)=(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(each) ?? [];
    if (!name || (name === 'after') === (unit === '%'))
      throw new UserError(`--stop-at is written bounces=5%,complaints=0.3%,after=500, not "${text}".`, {
        code: 'usage',
      });
    rates[name] = name === 'after' ? Number(value) : Number(value) / 100;
  }
  return rates;
}
