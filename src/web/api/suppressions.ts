import { createRoute, z } from '@hono/zod-openapi';
import { UserError } from '../../errors.ts';
import { parseAddress } from '../../subscribers/address.ts';
import { findList } from '../../subscribers/lists.ts';
import { suppress, suppressionReasons } from '../../subscribers/suppression.ts';
import {
  listSuppressions,
  parseSuppressed,
  removeSuppressions,
  type SuppressionRow,
  showSuppressed,
} from '../../subscribers/suppression-list.ts';
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
  originOfCaller,
  refused,
} from './describe.ts';

const reasons = z.enum(suppressionReasons as [SuppressionRow['reason'], ...SuppressionRow['reason'][]]);

const suppressionSchema = z
  .object({
    id: z.number().int(),
    email: z.string().nullable().describe('null: only the hash is kept'),
    emailHash: z.string().describe('SHA-256 of the address in lower case, in hexadecimal'),
    list: z.string().nullable().describe('short name; null: all lists'),
    reason: reasons,
    note: z.string().nullable(),
    since: instant,
    until: instant.nullable().describe('null: it does not end'),
  })
  .openapi('Suppression');

const all = createRoute({
  method: 'get',
  path: '/suppressions',
  tags: ['Suppressions'],
  summary: 'Addresses that get nothing, the newest first',
  ...needs('subscribers:read'),
  request: {
    query: pageQuery.extend({
      list: z.string().max(80).optional().describe('of this list alone: short name or id'),
      reason: reasons.optional(),
      search: z.string().max(200).optional().describe('part of an address'),
    }),
  },
  responses: {
    200: json(pageOf(suppressionSchema), 'A page of suppressions that hold now.'),
    ...refused,
    ...missing,
  },
});

const add = createRoute({
  method: 'post',
  path: '/suppressions',
  tags: ['Suppressions'],
  summary: 'Stop mail to an address',
  description: 'A reason that binds more stays: a complaint is not replaced by this.',
  ...needs('subscribers:write'),
  request: {
    body: jsonBody(
      z.strictObject({
        email: z.string().max(320),
        list: z.string().max(80).optional().describe('only this list; all, if not given'),
        note: z.string().max(500).optional(),
        until: givenInstant.optional().describe('it does not end, if not given'),
      }),
    ),
  },
  responses: {
    201: json(z.object({ data: z.array(suppressionSchema) }), 'All that holds for the address now.'),
    ...refused,
    ...missing,
  },
});

const params = z.object({
  address: z.string().max(320).describe('address, or its SHA-256 in hexadecimal'),
});

const show = createRoute({
  method: 'get',
  path: '/suppressions/{address}',
  tags: ['Suppressions'],
  summary: 'Whether an address gets nothing, and why',
  ...needs('subscribers:read'),
  request: { params },
  responses: {
    200: json(z.object({ data: z.array(suppressionSchema) }), 'All of them, those that have ended too.'),
    ...refused,
  },
});

const lift = createRoute({
  method: 'delete',
  path: '/suppressions/{address}',
  tags: ['Suppressions'],
  summary: 'Let mail go to an address again',
  description:
    'Nobody is subscribed again by it. After a complaint or an erasure only the command line lifts it: broadsheet suppressions remove.',
  ...needs('subscribers:write'),
  request: {
    params,
    query: z.object({
      because: z.string().min(1).max(1000).describe('why mail may go again; kept in the consent log'),
      list: z.string().max(80).optional().describe('only the one of this list; all, if not given'),
    }),
  },
  responses: { 204: { description: 'It is lifted.' }, ...refused, ...missing, ...conflict },
});

const binding = ['complaint', 'erasure'];

/** Addresses that must not be mailed. */
export function addSuppressionRoutes(api: Api, { context }: ApiTools): void {
  api.openapi(all, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    const before = cursor === undefined ? undefined : placeOf('suppressions', cursor, [z.number().int()])[0];
    const rows = await listSuppressions(context, filter, { limit: limit + 1, before });
    return c.json(
      page(rows, limit, shown, ({ id }) => cursorAt('suppressions', id)),
      200,
    );
  });
  api.openapi(add, async (c) => {
    const { email, list, note, until } = c.req.valid('json');
    const address = parseAddress(email);
    if (until && new Date(until) <= context.clock.now())
      throw new UserError('"until" has passed, so nothing would be stopped.', { code: 'usage' });
    await suppress(context, {
      address,
      reason: 'manual',
      listId: list === undefined ? null : (await findList(context, list)).id,
      note,
      ...(until && { expiresAt: new Date(until) }),
    });
    const { suppressions } = await showSuppressed(context, address);
    return c.json({ data: suppressions.map(shown) }, 201);
  });
  api.openapi(show, async (c) => {
    const { suppressions } = await showSuppressed(context, parseSuppressed(c.req.valid('param').address));
    return c.json({ data: suppressions.map(shown) }, 200);
  });
  api.openapi(lift, async (c) => {
    const { because, list } = c.req.valid('query');
    const address = parseSuppressed(c.req.valid('param').address);
    const found = list === undefined ? undefined : await findList(context, list);
    const { suppressions } = await showSuppressed(context, address);
    const meant = suppressions.filter((row) => found === undefined || row.list === found.slug);
    const strong = meant.find(({ reason }) => binding.includes(reason));
    if (strong)
      throw new UserError(`This address is suppressed by ${strong.reason}, which the API does not lift.`, {
        code: 'state',
        hint: 'If mail may go again: broadsheet suppressions remove ADDRESS --because TEXT',
      });
    const removed = await removeSuppressions(context, {
      address,
      listId: found?.id,
      because,
      origin: originOfCaller(c.var.caller),
    });
    if (removed.length === 0)
      throw new UserError('This address is not suppressed there.', { code: 'not-found' });
    return c.body(null, 204);
  });
}

const shown = (row: SuppressionRow): z.infer<typeof suppressionSchema> => ({
  id: row.id,
  email: row.email,
  emailHash: row.hash,
  list: row.list,
  reason: row.reason,
  note: row.note,
  since: at(row.since),
  until: atOrNull(row.until),
});
