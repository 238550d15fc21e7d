import { createRoute, z } from '@hono/zod-openapi';
import { checkSettingsSchema } from '../../editions/check-settings.ts';
import {
  createNewsletter,
  editNewsletter,
  findNewsletter,
  listNewsletters,
  type Newsletter,
  type NewsletterFields,
  setNewsletterPaused,
} from '../../editions/newsletters.ts';
import { stopRatesSchema } from '../../editions/stop-rates.ts';
import { subjectTestSchema } from '../../editions/subject-test.ts';
import { trackingSchema } from '../../editions/tracking.ts';
import { UserError } from '../../errors.ts';
import { parseBrand } from '../../rendering/brand.ts';
import { listThemes } from '../../rendering/theme.ts';
import { checkSettings, connectionsOf, newsletterDocument } from '../../schedule/newsletter-settings.ts';
import { parsePolicy } from '../../selection/policy.ts';
import { findList } from '../../subscribers/lists.ts';
import { findSegment } from '../../subscribers/segments/segments.ts';
import { cursorAt, page, pageOf, pageQuery, placeOf } from './cursor.ts';
import {
  type Api,
  type ApiTools,
  atOrNull,
  conflict,
  instant,
  json,
  jsonBody,
  missing,
  needs,
  refused,
} from './describe.ts';

const text = z.string().max(300);
const settings = {
  name: text.describe('that readers see'),
  description: text.describe('a line below the name'),
  from: text.describe('address that it is sent from'),
  fromName: text,
  replyTo: text.nullable().describe('where answers go; null: to the sender'),
  subject: text.describe('a pattern such as {{ newsletter }}: {{ lead.title }}'),
  preheader: text.describe('a pattern as the subject is; empty: the next headlines'),
  language: z.string().max(35).describe('of the frame: en, de, fr, es, pt, it, ar or ja'),
  languages: z.array(z.string().max(35)).max(20).describe('further ones, for readers who have one of them'),
  cron: z.string().max(200).describe('when it is made: minute hour day month weekday').openapi({
    example: '0 7 * * *',
  }),
  timeZone: z.string().max(100).openapi({ example: 'Europe/Berlin' }),
  catchUp: z.enum(['latest', 'skip']).describe('runs missed while the program was down'),
  deliverAt: z
    .string()
    .nullable()
    .describe('at this time of each reader’s own day, such as 07:00; null: at once'),
  retryMinutes: z.number().int().describe('how long what a mailbox puts off is tried again; 1 to 10080'),
  stopRates: stopRatesSchema.describe(
    'sending pauses by itself from these shares on: messages that come back, complaints; once so many are answered for good. What is left out has its default',
  ),
  undoSeconds: z
    .number()
    .int()
    .describe(
      'how long an approval at the desk can be taken back before anything leaves; 0 (not at all) to 3600',
    ),
  mode: z.enum(['automatic', 'approval']).describe('send at once, or wait for an editor'),
  theme: z
    .string()
    .max(300)
    .describe('broadsheet, magazine, briefing or list; one of your own is set on the server, by the command'),
  brand: z.record(z.string(), z.unknown()).describe('logo, colours, fonts and footer, as a whole'),
  tracking: trackingSchema.describe('what is counted; what is left out has its default'),
  checks: checkSettingsSchema.describe('what is checked; what is left out has its default'),
  plainLinks: z
    .enum(['inline', 'numbered'])
    .nullable()
    .describe('links of the plain text; null: as the theme has it'),
  publicArchive: z.boolean().describe('anyone may read the editions that were sent'),
  subjectTest: subjectTestSchema.nullable().describe('how subjects are tried out; null: they are not'),
  policy: z
    .record(z.string(), z.unknown())
    .describe('how stories are chosen, as a whole; what is left out has its default'),
  onUncertain: z
    .enum(['resend', 'skip'])
    .describe('a message that may or may not have arrived after a crash'),
  lists: z.array(z.string().max(80)).max(1000).describe('that get it, by short name or id'),
  segment: z
    .string()
    .max(80)
    .nullable()
    .describe('only its subscribers get it, by name or id; null: everybody on the lists'),
  sources: z.array(z.number().int()).max(10_000).describe('ids of those it draws on; empty: all'),
};

const newsletterSchema = z
  .object({
    id: z.number().int(),
    slug: z.string(),
    ...settings,
    policyVersion: z.number().int(),
    paused: z.boolean(),
    next: instant.nullable().describe('when its next edition is for'),
  })
  .openapi('Newsletter');

const changes = {
  ...z.object(settings).partial().shape,
  policyNote: text.optional().describe('why the policy is changed'),
};
const params = z.object({ newsletter: z.string().max(80).describe('short name or id') });
const told = { ...refused, ...missing, ...conflict };

const all = createRoute({
  method: 'get',
  path: '/newsletters',
  tags: ['Newsletters'],
  summary: 'All newsletters',
  ...needs('newsletters:read'),
  request: { query: pageQuery },
  responses: { 200: json(pageOf(newsletterSchema), 'By short name.'), ...refused },
});

const create = createRoute({
  method: 'post',
  path: '/newsletters',
  tags: ['Newsletters'],
  summary: 'Make a newsletter',
  description: 'Its first edition is for the first time that the schedule names from now on.',
  ...needs('newsletters:write'),
  request: {
    body: jsonBody(
      z.strictObject({
        ...changes,
        slug: z.string().max(63),
        name: settings.name,
        from: settings.from,
        cron: settings.cron,
      }),
    ),
  },
  responses: { 201: json(newsletterSchema, 'The new newsletter.'), ...told },
});

const show = createRoute({
  method: 'get',
  path: '/newsletters/{newsletter}',
  tags: ['Newsletters'],
  summary: 'One newsletter with all its settings',
  ...needs('newsletters:read'),
  request: { params },
  responses: { 200: json(newsletterSchema, 'The newsletter.'), ...refused, ...missing },
});

const change = createRoute({
  method: 'patch',
  path: '/newsletters/{newsletter}',
  tags: ['Newsletters'],
  summary: 'Change a newsletter’s settings',
  description: 'What is not given stays. A changed schedule counts from now on.',
  ...needs('newsletters:write'),
  request: { params, body: jsonBody(z.strictObject(changes)) },
  responses: { 200: json(newsletterSchema, 'The newsletter as it is now.'), ...told },
});

const verb = <const Verb extends string>(name: Verb, summary: string) =>
  createRoute({
    method: 'post',
    path: `/newsletters/{newsletter}/${name}` as const,
    tags: ['Newsletters'],
    summary,
    ...needs('newsletters:write'),
    request: { params },
    responses: { 200: json(newsletterSchema, 'The newsletter as it is now.'), ...refused, ...missing },
  });
const pause = verb('pause', 'Make no new editions of a newsletter');
const resume = verb('resume', 'Make its editions again, from now on');

type Given = z.infer<z.ZodObject<typeof changes>>;

/** Newsletters and their settings. */
export function addNewsletterRoutes(api: Api, { context }: ApiTools): void {
  const fieldsOf = async (
    { from, brand, policy, lists, segment, sources, ...rest }: Given,
    before?: Newsletter,
  ): Promise<Partial<NewsletterFields>> => {
    checkTheme(rest.theme, before);
    checkSettings(rest, before);
    return {
      ...rest,
      ...(from === undefined ? {} : { fromAddress: from }),
      ...(brand && { brand: parseBrand(brand) }),
      ...(policy && { policy: checkedPolicy(policy) }),
      ...(lists && {
        listIds: await Promise.all(lists.map(async (list) => (await findList(context, list)).id)),
      }),
      ...(segment !== undefined && {
        segmentId: segment === null ? null : (await findSegment(context, segment)).id,
      }),
      ...(sources && { sourceIds: await knownSources(sources) }),
    };
  };
  const knownSources = async (ids: number[]): Promise<number[]> => {
    if (ids.length === 0) return [];
    const rows = await context.db.selectFrom('sources').select('id').where('id', 'in', ids).execute();
    const unknown = ids.find((id) => !rows.some((row) => row.id === id));
    if (unknown !== undefined)
      throw new UserError(`There is no source ${unknown}.`, {
        code: 'not-found',
        hint: 'List them with "broadsheet sources list".',
      });
    return rows.map(({ id }) => id);
  };
  const shown = async (newsletters: Newsletter[]): Promise<z.infer<typeof newsletterSchema>[]> => {
    const connections = await connectionsOf(
      context,
      newsletters.map(({ id }) => id),
    );
    return newsletters.map((each) => {
      const { next, ...document } = newsletterDocument(
        each,
        connections.get(each.id) ?? { lists: [], segment: null, sources: [] },
      );
      return { ...document, next: atOrNull(next) } as z.infer<typeof newsletterSchema>;
    });
  };
  const one = async (newsletter: Newsletter) =>
    (await shown([newsletter]))[0] as z.infer<typeof newsletterSchema>;

  api.openapi(all, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? '' : placeOf('newsletters', cursor, [z.string()])[0];
    const rows = (await listNewsletters(context)).filter(({ slug }) => slug > after);
    // Not by locale: cursors and names must agree on what comes first.
    rows.sort((first, other) => (first.slug < other.slug ? -1 : 1));
    const documents = new Map((await shown(rows.slice(0, limit))).map((each) => [each.id, each]));
    return c.json(
      page(
        rows,
        limit,
        ({ id }) => documents.get(id) as z.infer<typeof newsletterSchema>,
        ({ slug }) => cursorAt('newsletters', slug),
      ),
      200,
    );
  });
  api.openapi(create, async (c) => {
    const { slug, ...given } = c.req.valid('json');
    const made = await createNewsletter(context, {
      ...(await fieldsOf(given)),
      slug,
      name: given.name,
      fromAddress: given.from,
      cron: given.cron,
    });
    return c.json(await one(made), 201);
  });
  api.openapi(show, async (c) =>
    c.json(await one(await findNewsletter(context, c.req.valid('param').newsletter)), 200),
  );
  api.openapi(change, async (c) => {
    const before = await findNewsletter(context, c.req.valid('param').newsletter);
    const fields = await fieldsOf(c.req.valid('json'), before);
    return c.json(await one(await editNewsletter(context, before.id, fields)), 200);
  });
  for (const [route, paused] of [
    [pause, true],
    [resume, false],
  ] as const)
    api.openapi(route, async (c) => {
      const { id } = await findNewsletter(context, c.req.valid('param').newsletter);
      await setNewsletterPaused(context, id, paused);
      return c.json(await one(await findNewsletter(context, String(id))), 200);
    });
}

/** @throws UserError listing what is wrong with it */
function checkedPolicy(policy: Record<string, unknown>): Record<string, unknown> {
  parsePolicy(policy);
  return policy;
}

/** A theme of one's own is a program, named by its path: whoever holds a token may not choose which file is run. */
function checkTheme(theme: string | undefined, before: Newsletter | undefined): void {
  if (theme === undefined || theme === before?.theme) return;
  if (listThemes().some(({ name }) => name === theme)) return;
  throw new UserError(`"${theme}" is no theme that comes with Broadsheet.`, {
    code: 'template',
    hint: 'Set one of your own on the server: broadsheet newsletters edit SLUG --theme PATH',
  });
}
