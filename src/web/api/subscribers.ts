import { createRoute, z } from '@hono/zod-openapi';
import { UserError } from '../../errors.ts';
import { findSubscriber, showSubscriber } from '../../subscribers/find.ts';
import { findOpenList } from '../../subscribers/lists.ts';
import { type PersonRow, peopleBefore } from '../../subscribers/page.ts';
import { frequencies } from '../../subscribers/personal-values.ts';
import { removeSubscriber, subscribe, updatePreferences } from '../../subscribers/subscribe.ts';
import { cursorAt, page, pageOf, pageQuery, placeOf } from './cursor.ts';
import {
  type Api,
  type ApiTools,
  at,
  atOrNull,
  conflict,
  instant,
  json,
  jsonBody,
  missing,
  needs,
  originOfCaller,
  refused,
} from './describe.ts';
import { shownSubscription, subscriberParams, subscriptionSchema } from './subscriptions.ts';

const states = z.enum(['pending', 'confirmed', 'unsubscribed']);
const person = {
  id: z.number().int(),
  email: z.string().openapi({ example: 'ada@example.com' }),
  name: z.string().nullable(),
  language: z.string().nullable().openapi({ example: 'de' }),
  timeZone: z.string().nullable().openapi({ example: 'Europe/Berlin' }),
  createdAt: instant,
};
const summarySchema = z
  .object({ ...person, subscriptions: z.array(z.object({ list: z.string(), state: states })) })
  .openapi('SubscriberSummary');

const subscriberSchema = z
  .object({
    ...person,
    subscriptions: z.array(subscriptionSchema),
    suppressions: z.array(
      z.object({
        reason: z.enum(['bounce', 'complaint', 'unsubscribe', 'erasure', 'manual']),
        list: z.string().nullable().describe('null: all lists'),
        note: z.string().nullable(),
        since: instant,
        until: instant.nullable().describe('null: it does not end'),
      }),
    ),
    consent: z
      .array(
        z.object({
          act: z.string(),
          list: z.string().nullable(),
          at: instant,
          via: z.string(),
          ip: z.string().nullable(),
          evidence: z.record(z.string(), z.unknown()),
        }),
      )
      .describe('how consent was given and taken back, the newest first'),
  })
  .openapi('Subscriber');

const subscribedSchema = z
  .object({
    subscriberId: z.number().int(),
    listId: z.number().int(),
    state: z.enum(['pending', 'confirmed', 'already']),
    confirmationMailed: z
      .boolean()
      .describe('a mail that asks to confirm is on its way, unless one went within the hour'),
  })
  .openapi('Subscribed');

const own = {
  name: z.string().max(500),
  timeZone: z.string().max(100).openapi({ example: 'Europe/Berlin' }),
  language: z.string().max(50).openapi({ example: 'de' }),
};

const all = createRoute({
  method: 'get',
  path: '/subscribers',
  tags: ['Subscribers'],
  summary: 'People, the newest first',
  ...needs('subscribers:read'),
  request: {
    query: pageQuery.extend({
      list: z.string().max(80).optional().describe('of this list: short name or id'),
      state: states.optional().describe('with a subscription in this state'),
      search: z.string().max(200).optional().describe('part of an address or name'),
      segment: z
        .string()
        .max(4000)
        .optional()
        .describe('name or id of a segment, or a filter such as frequency = weekly and clicked within 30d'),
    }),
  },
  responses: { 200: json(pageOf(summarySchema), 'A page of people.'), ...refused, ...missing },
});

const add = createRoute({
  method: 'post',
  path: '/subscribers',
  tags: ['Subscribers'],
  summary: 'Subscribe someone to a list',
  description:
    'Someone known gets another list. A list with double opt-in mails a link to confirm, unless "confirmed" is true: then "consent" says how they agreed, and is kept as proof. Who is suppressed is refused with 409; "liftSuppression" says why mail may go again.',
  ...needs('subscribers:write'),
  request: {
    body: jsonBody(
      z
        .strictObject({
          email: z.string().max(320),
          list: z.string().max(80).describe('short name or id'),
          ...z.object(own).partial().shape,
          topics: z.array(z.string()).max(50).optional(),
          frequency: z.enum(frequencies).optional(),
          confirmed: z.boolean().optional(),
          consent: z
            .string()
            .min(1)
            .max(1000)
            .optional()
            .describe('how they agreed; kept in the consent log'),
          liftSuppression: z.string().min(1).max(1000).optional(),
        })
        .refine(({ confirmed, consent }) => !confirmed || consent !== undefined, {
          path: ['consent'],
          message: 'says how they agreed, where "confirmed" is true',
        }),
    ),
  },
  responses: {
    200: json(subscribedSchema, 'They were on the list.'),
    201: json(subscribedSchema, 'They are on the list, or asked to confirm.'),
    ...refused,
    ...missing,
    ...conflict,
  },
});

const show = createRoute({
  method: 'get',
  path: '/subscribers/{subscriber}',
  tags: ['Subscribers'],
  summary: 'Everything kept about one person',
  ...needs('subscribers:read'),
  request: { params: subscriberParams },
  responses: { 200: json(subscriberSchema, 'The person.'), ...refused, ...missing },
});

const change = createRoute({
  method: 'patch',
  path: '/subscribers/{subscriber}',
  tags: ['Subscribers'],
  summary: 'Change what is known of someone',
  description: 'What is not given stays; null takes it away.',
  ...needs('subscribers:write'),
  request: {
    params: subscriberParams,
    body: jsonBody(
      z
        .strictObject({
          name: own.name.nullable(),
          timeZone: own.timeZone.nullable(),
          language: own.language.nullable(),
          untracked: z.boolean().describe('true: what they open and click is not counted'),
        })
        .partial(),
    ),
  },
  responses: { 200: json(subscriberSchema, 'The person as they are now.'), ...refused, ...missing },
});

const erase = createRoute({
  method: 'delete',
  path: '/subscribers/{subscriber}',
  tags: ['Subscribers'],
  summary: 'Erase someone',
  description: 'Only the hash of their address stays, suppressed, so that no import brings them back.',
  ...needs('subscribers:write'),
  request: { params: subscriberParams },
  responses: { 204: { description: 'They are erased.' }, ...refused, ...missing },
});

/** People. */
export function addSubscriberRoutes(api: Api, { context, letters, background }: ApiTools): void {
  api.openapi(all, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    const before = cursor === undefined ? undefined : placeOf('subscribers', cursor, [z.number().int()])[0];
    const rows = await peopleBefore(context, { ...filter, before, limit: limit + 1 });
    return c.json(
      page(rows, limit, shownRow, ({ id }) => cursorAt('subscribers', id)),
      200,
    );
  });
  api.openapi(add, async (c) => {
    const { consent, ...request } = c.req.valid('json');
    const { id: list } = await findOpenList(context, request.list);
    const result = await subscribe(context, { ...request, list, ...originOfCaller(c.var.caller, consent) });
    const { subscriberId, listId, state, needsConfirmation } = result;
    if (state === 'suppressed' || subscriberId === null)
      throw new UserError(`This address is suppressed (${result.suppression}), so it was not subscribed.`, {
        code: 'suppressed',
        hint: 'If mail may go again, say why in "liftSuppression".',
        details: { reason: result.suppression },
      });
    const about = { subscriberId, listId };
    if (needsConfirmation) background.run('a confirmation', () => letters.confirmation(about));
    else if (state === 'confirmed') background.run('a welcome', () => letters.welcome(about));
    const answer = { subscriberId, listId, state, confirmationMailed: needsConfirmation };
    return state === 'already' ? c.json(answer, 200) : c.json(answer, 201);
  });
  api.openapi(show, async (c) => c.json(await shownPerson(c.req.valid('param').subscriber), 200));
  api.openapi(change, async (c) => {
    const id = await findSubscriber(context, c.req.valid('param').subscriber);
    await updatePreferences(context, id, c.req.valid('json'), originOfCaller(c.var.caller));
    return c.json(await shownPerson(String(id)), 200);
  });
  api.openapi(erase, async (c) => {
    const id = await findSubscriber(context, c.req.valid('param').subscriber);
    await removeSubscriber(context, id, originOfCaller(c.var.caller));
    return c.body(null, 204);
  });

  async function shownPerson(reference: string): Promise<z.infer<typeof subscriberSchema>> {
    const details = await showSubscriber(context, reference);
    return {
      id: details.id,
      email: details.email,
      name: details.name,
      language: details.language,
      timeZone: details.timeZone,
      createdAt: at(details.createdAt),
      subscriptions: details.subscriptions.map(shownSubscription),
      suppressions: details.suppressions.map(({ reason, list, note, since, until }) => ({
        reason: reason as 'manual',
        list,
        note,
        since: at(since),
        until: atOrNull(until),
      })),
      consent: details.consent.map((line) => ({
        act: line.act,
        list: line.list,
        at: at(line.at),
        via: line.via,
        ip: line.ip,
        evidence: line.evidence as Record<string, unknown>,
      })),
    };
  }
}

const shownRow = (row: PersonRow): z.infer<typeof summarySchema> => ({
  id: row.id,
  email: row.email,
  name: row.name,
  language: row.language,
  timeZone: row.timeZone,
  createdAt: at(row.createdAt),
  subscriptions: row.subscriptions,
});
