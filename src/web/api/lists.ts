import { createRoute, z } from '@hono/zod-openapi';
import { createList, editList, type ListWithCounts, listLists, showList } from '../../subscribers/lists.ts';
import { cursorAt, page, pageOf, pageQuery, placeOf } from './cursor.ts';
import {
  type Api,
  type ApiTools,
  at,
  conflict,
  instant,
  json,
  jsonBody,
  missing,
  needs,
  refused,
} from './describe.ts';

const listSchema = z
  .object({
    id: z.number().int(),
    slug: z.string().openapi({ example: 'readers' }),
    name: z.string(),
    description: z.string(),
    optIn: z
      .enum(['double', 'single'])
      .describe('double: people confirm by mail; single: they are on it at once'),
    topics: z.array(z.string()).describe('what subscribers may choose among or mute'),
    welcome: z.boolean().describe('whether people get a mail when they have confirmed'),
    goodbye: z.boolean().describe('whether people get a mail when they have left'),
    createdAt: instant,
    confirmed: z.number().int(),
    pending: z.number().int(),
    unsubscribed: z.number().int(),
  })
  .openapi('List');

const fields = {
  name: z.string().min(1).max(200),
  description: z.string().max(2000),
  optIn: z.enum(['double', 'single']),
  topics: z.array(z.string().max(64)).max(50),
  welcome: z.boolean(),
  goodbye: z.boolean(),
};
const params = z.object({ list: z.string().max(80).describe('short name or id') });

const all = createRoute({
  method: 'get',
  path: '/lists',
  tags: ['Lists'],
  summary: 'All lists',
  ...needs('lists:read'),
  request: { query: pageQuery },
  responses: { 200: json(pageOf(listSchema), 'By short name.'), ...refused },
});

const create = createRoute({
  method: 'post',
  path: '/lists',
  tags: ['Lists'],
  summary: 'Make a list',
  ...needs('lists:write'),
  request: {
    body: jsonBody(
      z.strictObject({
        ...z.object(fields).partial().shape,
        name: fields.name,
        slug: z.string().max(63).optional().describe('made from the name if not given'),
      }),
    ),
  },
  responses: { 201: json(listSchema, 'The new list.'), ...refused, ...conflict },
});

const show = createRoute({
  method: 'get',
  path: '/lists/{list}',
  tags: ['Lists'],
  summary: 'One list',
  ...needs('lists:read'),
  request: { params },
  responses: { 200: json(listSchema, 'The list.'), ...refused, ...missing },
});

const change = createRoute({
  method: 'patch',
  path: '/lists/{list}',
  tags: ['Lists'],
  summary: 'Change a list',
  description: 'What is not given stays.',
  ...needs('lists:write'),
  request: { params, body: jsonBody(z.strictObject(fields).partial()) },
  responses: { 200: json(listSchema, 'The list as it is now.'), ...refused, ...missing },
});

/** The audiences. */
export function addListRoutes(api: Api, { context }: ApiTools): void {
  api.openapi(all, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? '' : placeOf('lists', cursor, [z.string()])[0];
    const rows = (await listLists(context)).filter(({ slug }) => slug > after);
    // Not by locale: cursors and names must agree on what comes first.
    rows.sort((one, other) => (one.slug < other.slug ? -1 : 1));
    return c.json(
      page(rows, limit, shown, (list) => cursorAt('lists', list.slug)),
      200,
    );
  });
  api.openapi(create, async (c) => {
    const { slug } = await createList(context, c.req.valid('json'));
    return c.json(shown(await showList(context, slug)), 201);
  });
  api.openapi(show, async (c) => c.json(shown(await showList(context, c.req.valid('param').list)), 200));
  api.openapi(change, async (c) => {
    const { id } = await editList(context, c.req.valid('param').list, c.req.valid('json'));
    return c.json(shown(await showList(context, id)), 200);
  });
}

const shown = (list: ListWithCounts): z.infer<typeof listSchema> => ({
  id: list.id,
  slug: list.slug,
  name: list.name,
  description: list.description,
  optIn: list.optIn,
  topics: list.topics,
  welcome: list.welcome,
  goodbye: list.goodbye,
  createdAt: at(list.createdAt),
  confirmed: list.confirmed,
  pending: list.pending,
  unsubscribed: list.unsubscribed,
});
