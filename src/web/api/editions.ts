import { createRoute, z } from '@hono/zod-openapi';
import { removeEdition } from '../../delivery/remove-editions.ts';
import { deliveryReport } from '../../delivery/report.ts';
import {
  type Edition,
  type EditionState,
  ensureEdition,
  findEdition,
  listEditions,
} from '../../editions/editions.ts';
import { explainEdition } from '../../editions/explain.ts';
import { findNewsletter } from '../../editions/newsletters.ts';
import type { EditionChangeInput } from '../../editions/revise/change.ts';
import type { Editor } from '../../editions/revise/history.ts';
import { revise } from '../../editions/revise/revise.ts';
import { UserError } from '../../errors.ts';
import { engagementReport } from '../../feedback/engagement-report.ts';
import { checkEdition, keptFindings } from '../../rendering/checks/check-edition.ts';
import { produceEdition } from '../../schedule/produce.ts';
import type { Caller } from './caller.ts';
import { cursorAt, page, pageOf, pageQuery, placeOf } from './cursor.ts';
import {
  type Api,
  type ApiTools,
  at,
  atOrNull,
  conflict,
  givenInstant,
  instant,
  json,
  jsonBody,
  missing,
  needs,
  refused,
} from './describe.ts';
import { editionStorySchema, findingSchema } from './reasons.ts';

const states = z.enum([
  'draft',
  'review',
  'approved',
  'sending',
  'paused',
  'sent',
  'cancelled',
  'skipped',
] satisfies EditionState[]);

export const editionSchema = z
  .object({
    id: z.number().int(),
    newsletterId: z.number().int(),
    scheduledFor: instant,
    state: states,
    stateReason: z.string().nullable().describe('why it is in this state, where that needs saying'),
    subject: z.string(),
    preheader: z.string(),
    theme: z.string(),
    language: z.string(),
    version: z.number().int().describe('grows with each build and each change'),
    recipients: z.number().int().nullable().describe('null until it is being sent'),
    builtAt: instant.nullable(),
    approvedAt: instant.nullable(),
    sentAt: instant.nullable(),
  })
  .openapi('Edition');

const explainedSchema = z
  .object({
    ...editionSchema.omit({ id: true }).shape,
    edition: z.number().int().describe('its id'),
    policyVersion: z.number().int().nullable().describe('null until it is built'),
    policy: z.record(z.string(), z.unknown()).describe('how its stories were chosen'),
    stories: z.array(editionStorySchema),
  })
  .openapi('ExplainedEdition');

const countSchema = z.object({
  readers: z.number().int().describe('readers who did, persons alone'),
  rate: z.number().nullable().describe('of those whose messages were accepted, from 0 to 1'),
  times: z.number().int().describe('how often persons did'),
  unnamed: z.number().int().describe('of these, those counted without a name'),
  prefetched: z.number().int().describe('by programs that load ahead'),
  scanned: z.number().int().describe('by programs that test links'),
});
const reportSchema = z
  .object({
    editionId: z.number().int(),
    planned: z.number().int(),
    accepted: z.number().int(),
    failed: z.number().int(),
    skipped: z.number().int(),
    uncertain: z.number().int().describe('nobody knows whether they arrived'),
    deferred: z.number().int().describe('wait for another try'),
    waiting: z.number().int().describe('not tried yet, or being tried now'),
    sums: z.boolean().describe('whether the parts add up to what was planned'),
    bounced: z.number().int(),
    complaints: z.number().int(),
    unsubscribed: z.number().int(),
    uncertainDeliveries: z.array(
      z.object({
        subscriberId: z.number().int(),
        email: z.string().nullable(),
        detail: z.string().nullable(),
      }),
    ),
    doubtedDeliveries: z
      .array(
        z.object({
          subscriberId: z.number().int(),
          email: z.string().nullable(),
          state: z.string(),
        }),
      )
      .describe('readers who may have it twice'),
    reasons: z.array(z.object({ state: z.string(), detail: z.string(), count: z.number().int() })),
    engagement: z.object({
      privacy: z.enum(['off', 'aggregate', 'individual']),
      opens: countSchema,
      clicks: countSchema,
    }),
  })
  .openapi('EditionReport');

export const editionParams = z.object({
  edition: z
    .string()
    .max(150)
    .describe('id, newsletter (its newest edition), or newsletter@2026-11-24T07:00:00Z'),
});

const all = createRoute({
  method: 'get',
  path: '/editions',
  tags: ['Editions'],
  summary: 'Editions, the newest first',
  ...needs('editions:read'),
  request: {
    query: pageQuery.extend({
      newsletter: z.string().max(80).optional().describe('short name or id'),
      state: states.optional(),
    }),
  },
  responses: { 200: json(pageOf(editionSchema), 'A page of editions.'), ...refused, ...missing },
});

const build = createRoute({
  method: 'post',
  path: '/editions',
  tags: ['Editions'],
  summary: 'Build an edition',
  description:
    'Chooses its stories, renders and checks it, and puts it up for review; that of an automatic newsletter is approved if the checks find no error. There is one edition for a newsletter and a time: it is built again while it is a draft or in review. Without enough stories it is skipped, and says so.',
  ...needs('editions:write'),
  request: {
    body: jsonBody(
      z.strictObject({
        newsletter: z.string().max(80).describe('short name or id'),
        at: givenInstant.optional().describe('the time it is for; now, if not given'),
      }),
    ),
  },
  responses: {
    200: json(editionSchema, 'The edition was there, and has been built again.'),
    201: json(editionSchema, 'The new edition.'),
    ...refused,
    ...missing,
    ...conflict,
  },
});

const rebuild = createRoute({
  method: 'post',
  path: '/editions/{edition}/build',
  tags: ['Editions'],
  summary: 'Build a draft, or an edition in review, again',
  ...needs('editions:write'),
  request: { params: editionParams },
  responses: {
    200: json(editionSchema, 'The edition as it is now.'),
    ...refused,
    ...missing,
    ...conflict,
  },
});

const show = createRoute({
  method: 'get',
  path: '/editions/{edition}',
  tags: ['Editions'],
  summary: 'An edition with its stories, and why each stands where it stands',
  ...needs('editions:read'),
  request: {
    params: editionParams,
    query: z.object({ all: z.string().optional().describe('if it is there: the reserve, too') }),
  },
  responses: { 200: json(explainedSchema, 'The edition.'), ...refused, ...missing },
});

const checks = createRoute({
  method: 'get',
  path: '/editions/{edition}/checks',
  tags: ['Editions'],
  summary: 'What the checks found in an edition',
  ...needs('editions:read'),
  request: {
    params: editionParams,
    query: z.object({
      fresh: z.string().optional().describe('if it is there: checks it now'),
      links: z.string().optional().describe('if it is there: checks it now, and follows its links'),
    }),
  },
  responses: {
    200: json(
      z.object({ edition: z.number().int(), version: z.number().int(), findings: z.array(findingSchema) }),
      'The findings, the worst first.',
    ),
    ...refused,
    ...missing,
    ...conflict,
  },
});

const report = createRoute({
  method: 'get',
  path: '/editions/{edition}/report',
  tags: ['Editions'],
  summary: 'An account of every delivery, and of who opened and clicked',
  ...needs('editions:read'),
  request: { params: editionParams },
  responses: { 200: json(reportSchema, 'The report.'), ...refused, ...missing },
});

const change = createRoute({
  method: 'patch',
  path: '/editions/{edition}',
  tags: ['Editions'],
  summary: 'Change an edition’s subject and preheader',
  description:
    'What is not given stays. With "version" it is changed only if nobody has changed the same since. It is rendered and checked again in the background; one that was approved waits for approval again.',
  ...needs('editions:write'),
  request: {
    params: editionParams,
    body: jsonBody(
      z
        .strictObject({
          subject: z.string().min(1).max(500),
          preheader: z.string().max(500),
          tried: z
            .array(z.string().min(1).max(500))
            .max(10)
            .describe('further subjects to try out; none: no test'),
          version: z.number().int().describe('the version that you looked at'),
        })
        .partial(),
    ),
  },
  responses: { 200: json(editionSchema, 'The edition as it is now.'), ...refused, ...missing, ...conflict },
});

const changeOther = createRoute({
  method: 'post',
  path: '/editions/{edition}/changes',
  tags: ['Editions'],
  summary: 'Make one change to an edition, as at the desk',
  description:
    'Moves, pins, drops, adds, replaces, merges or edits a story, writes a note, and so on: docs/editing.md has all kinds. What somebody else changed since the version given is not overwritten (409, code "conflict").',
  ...needs('editions:write'),
  request: {
    params: editionParams,
    body: jsonBody(
      z.strictObject({
        change: z
          .record(z.string(), z.unknown())
          .describe('such as {"kind": "move", "story": "s81", "to": {"slot": "lead", "at": 0}}'),
        version: z
          .number()
          .int()
          .optional()
          .describe('the version that you looked at; as it is now, if not given'),
      }),
    ),
  },
  responses: {
    200: json(
      z.object({
        edition: editionSchema,
        summary: z.string().describe('what was done, in a sentence'),
        touched: z.array(z.string()).describe('what it was about, such as subject, order or story:s12:title'),
        fellBack: z.boolean().describe('it was approved, and waits for approval again'),
      }),
      'What was done.',
    ),
    ...refused,
    ...missing,
    ...conflict,
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/editions/{edition}',
  tags: ['Editions'],
  summary: 'Remove an edition that nobody is to get',
  description:
    'One that was sent, or is on its way, stays. Links in mails that went out before it was cancelled lead nowhere then.',
  ...needs('editions:write'),
  request: { params: editionParams },
  responses: { 204: { description: 'It is gone.' }, ...refused, ...missing, ...conflict },
});

/** Editions: making and looking at them. What decides whether they go out is in edition-states.ts. */
export function addEditionRoutes(api: Api, { context }: ApiTools): void {
  api.openapi(all, async (c) => {
    const { limit, cursor, newsletter, state } = c.req.valid('query');
    const place =
      cursor === undefined ? undefined : placeOf('editions', cursor, [z.iso.datetime(), z.number().int()]);
    const rows = await listEditions(context, {
      newsletterId: newsletter === undefined ? undefined : (await findNewsletter(context, newsletter)).id,
      state,
      before: place && { scheduledFor: new Date(place[0]), id: place[1] },
      limit: limit + 1,
    });
    return c.json(
      page(rows, limit, shownEdition, (row) => cursorAt('editions', at(row.scheduled_for), row.id)),
      200,
    );
  });
  api.openapi(build, async (c) => {
    const request = c.req.valid('json');
    const { id } = await findNewsletter(context, request.newsletter);
    const time = request.at === undefined ? context.clock.now() : new Date(request.at);
    time.setUTCMilliseconds(0);
    const { edition, created } = await ensureEdition(context, id, time);
    const built = shownEdition(await produceEdition(context, edition.id));
    return created ? c.json(built, 201) : c.json(built, 200);
  });
  api.openapi(rebuild, async (c) => {
    const { id } = await findEdition(context, c.req.valid('param').edition);
    return c.json(shownEdition(await produceEdition(context, id)), 200);
  });
  api.openapi(show, async (c) => {
    const edition = await findEdition(context, c.req.valid('param').edition);
    const explained = await explainEdition(context, edition, { all: c.req.valid('query').all !== undefined });
    const { id: _, ...facts } = shownEdition(edition);
    return c.json(
      {
        ...facts,
        edition: edition.id,
        policyVersion: explained.policyVersion,
        policy: explained.policy as Record<string, unknown>,
        stories: explained.stories,
      },
      200,
    );
  });
  api.openapi(change, async (c) => {
    const edition = await findEdition(context, c.req.valid('param').edition);
    const { version = edition.version, ...lines } = c.req.valid('json');
    if (Object.values(lines).every((value) => value === undefined))
      throw new UserError('Nothing to change was given.', { code: 'usage' });
    const { edition: changed } = await revise(context, {
      editionId: edition.id,
      base: version,
      user: editorOf(c.var.caller),
      change: { kind: 'lines', ...lines },
    });
    return c.json(shownEdition(changed), 200);
  });
  api.openapi(changeOther, async (c) => {
    const edition = await findEdition(context, c.req.valid('param').edition);
    const { version = edition.version, change } = c.req.valid('json');
    const done = await revise(context, {
      editionId: edition.id,
      base: version,
      user: editorOf(c.var.caller),
      change: change as EditionChangeInput,
    });
    const { summary, touched, fellBack } = done;
    return c.json({ edition: shownEdition(done.edition), summary, touched, fellBack }, 200);
  });
  api.openapi(remove, async (c) => {
    const { id } = await findEdition(context, c.req.valid('param').edition);
    await removeEdition(context, id);
    return c.body(null, 204);
  });
  api.openapi(checks, async (c) => {
    const edition = await findEdition(context, c.req.valid('param').edition);
    const { fresh, links } = c.req.valid('query');
    const kept = fresh !== undefined || links !== undefined ? undefined : keptFindings(edition);
    const findings =
      kept ?? (await checkEdition(context, edition, links === undefined ? {} : { links: true }));
    return c.json({ edition: edition.id, version: edition.version, findings }, 200);
  });
  api.openapi(report, async (c) => {
    const { id } = await findEdition(context, c.req.valid('param').edition);
    const [deliveries, engagement] = await Promise.all([
      deliveryReport(context, id),
      engagementReport(context, id),
    ]);
    return c.json({ ...deliveries, engagement }, 200);
  });
}

/** Who made a change, for the edition's history. */
const editorOf = ({ name }: Caller): Editor => ({ id: null, email: '', name: `${name} (API)` });

/** An edition as the API gives it. */
export const shownEdition = (edition: Edition): z.infer<typeof editionSchema> => ({
  id: edition.id,
  newsletterId: edition.newsletter_id,
  scheduledFor: at(edition.scheduled_for),
  state: edition.state,
  stateReason: edition.state_reason,
  subject: edition.subject,
  preheader: edition.preheader,
  theme: edition.theme,
  language: edition.language,
  version: edition.version,
  recipients: edition.planned_count,
  builtAt: atOrNull(edition.built_at),
  approvedAt: atOrNull(edition.approved_at),
  sentAt: atOrNull(edition.sent_at),
});
