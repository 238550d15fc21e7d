import { createRoute, z } from '@hono/zod-openapi';
import { leaveReasons } from '../../subscribers/leave-reasons.ts';
import { type ListWithCounts, showList } from '../../subscribers/lists.ts';
import { mergeLists } from '../../subscribers/lists-merge.ts';
import { type Carried, copyList, splitList } from '../../subscribers/lists-split.ts';
import { listStats } from '../../subscribers/lists-stats.ts';
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
import { listParams, listSchema, shownList } from './lists.ts';

const count = z.number().int();
const newList = {
  name: z.string().min(1).max(200).describe('of the new list, as readers see it'),
  slug: z.string().max(63).optional().describe('made from the name if not given'),
};
const segment = z.string().max(4000).describe('a saved segment’s name or id, or a filter');

const merge = createRoute({
  method: 'post',
  path: '/lists/{list}/merge',
  tags: ['Lists'],
  summary: 'Put other lists into this one',
  description:
    'They are removed; their newsletters, forms and mailed links lead to this list. Of two states the stricter holds: who has left one of them has left the list that remains.',
  ...needs('lists:write'),
  request: {
    params: listParams,
    body: jsonBody(
      z.strictObject({
        from: z.array(z.string().max(80)).min(1).max(50).describe('short names or ids of the lists that go'),
      }),
    ),
  },
  responses: {
    200: json(
      z.object({
        into: listSchema,
        merged: z.array(
          z.object({
            list: z.string(),
            people: count.describe('who were on it, whatever their state'),
            added: count.describe('of them, who were not on the other'),
          }),
        ),
        segments: z.array(z.string()).describe('segments that named them and name the other now'),
      }),
      'What was done.',
    ),
    ...refused,
    ...missing,
    ...conflict,
  },
});

const carriedSchema = z
  .object({
    from: listSchema,
    into: listSchema,
    people: count.describe('who are on the new list, whatever their state'),
  })
  .openapi('CarriedList');

const split = createRoute({
  method: 'post',
  path: '/lists/{list}/split',
  tags: ['Lists'],
  summary: 'Move those whom a segment fits to a new list',
  description: 'Each takes their subscription along as it is. The new list has the settings of the other.',
  ...needs('lists:write'),
  request: {
    params: listParams,
    body: jsonBody(
      z.strictObject({
        ...newList,
        segment,
        newsletters: z.boolean().optional().describe('false: no newsletter sends to the new list yet'),
      }),
    ),
  },
  responses: { 201: json(carriedSchema, 'Both lists.'), ...refused, ...missing, ...conflict },
});

const copy = createRoute({
  method: 'post',
  path: '/lists/{list}/copy',
  tags: ['Lists'],
  summary: 'Copy a list with its settings and its people',
  description: 'Who has left the one has left the copy too. No newsletter sends to it yet.',
  ...needs('lists:write'),
  request: {
    params: listParams,
    body: jsonBody(
      z.strictObject({
        ...newList,
        segment: segment.optional(),
        people: z.boolean().optional().describe('false: the settings alone'),
      }),
    ),
  },
  responses: { 201: json(carriedSchema, 'Both lists.'), ...refused, ...missing, ...conflict },
});

const statistics = createRoute({
  method: 'get',
  path: '/lists/{list}/statistics',
  tags: ['Lists'],
  summary: 'How a list grows, and what its people do',
  ...needs('lists:read'),
  request: {
    params: listParams,
    query: z.object({
      weeks: z.coerce.number().int().min(1).max(520).default(12).describe('how many, this one included'),
    }),
  },
  responses: {
    200: json(
      z
        .object({
          list: listSchema,
          weeks: z
            .array(
              z.object({
                week: z.string().describe('its Monday, by UTC').openapi({ example: '2026-11-23' }),
                size: count.describe('confirmed subscriptions at its end'),
                joined: count,
                left: count,
                churn: z
                  .number()
                  .nullable()
                  .describe('left, of those who were there when it began, from 0 to 1'),
                editions: count.describe('that began to go out in it'),
                delivered: count,
                opened: count.describe('by persons, of those delivered'),
                clicked: count.describe('by persons, of those delivered'),
              }),
            )
            .describe('the earliest first'),
          sources: z
            .array(z.object({ source: z.string(), joined: count }))
            .describe('how those came who joined'),
          leaveReasons: z.object(
            Object.fromEntries(leaveReasons.map((reason) => [reason, count])) as Record<
              (typeof leaveReasons)[number],
              typeof count
            >,
          ),
          leaveComments: z.array(
            z.object({ at: instant.nullable(), reason: z.string(), comment: z.string() }),
          ),
        })
        .openapi('ListStatistics'),
      'The list’s last weeks.',
    ),
    ...refused,
    ...missing,
  },
});

/** What is done with lists as wholes. */
export function addListChangeRoutes(api: Api, { context }: ApiTools): void {
  const both = async ({ from, into, people }: Carried) => ({
    from: shownList(await showList(context, from.id)),
    into: shownList(await showList(context, into.id)),
    people,
  });
  api.openapi(merge, async (c) => {
    const { from } = c.req.valid('json');
    const done = await mergeLists(context, { from, into: c.req.valid('param').list });
    const into: ListWithCounts = await showList(context, done.into.id);
    return c.json({ into: shownList(into), merged: done.merged, segments: done.segments }, 200);
  });
  api.openapi(split, async (c) =>
    c.json(await both(await splitList(context, c.req.valid('param').list, c.req.valid('json'))), 201),
  );
  api.openapi(copy, async (c) =>
    c.json(await both(await copyList(context, c.req.valid('param').list, c.req.valid('json'))), 201),
  );
  api.openapi(statistics, async (c) => {
    const { list, ...stats } = await listStats(
      context,
      c.req.valid('param').list,
      c.req.valid('query').weeks,
    );
    const leaveComments = stats.leaveComments.map((said) => ({ ...said, at: atOrNull(said.at) }));
    return c.json({ ...stats, list: shownList(list), leaveComments }, 200);
  });
}
