import { createRoute, z } from '@hono/zod-openapi';
import {
  createList,
  editList,
  findList,
  type ListWithCounts,
  listLists,
  showList,
} from '../../subscribers/lists.ts';
import { archiveList, renameList, unarchiveList } from '../../subscribers/lists-archive.ts';
import { removeList } from '../../subscribers/lists-use.ts';
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
  refused,
} from './describe.ts';

export const listSchema = z
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
    archivedAt: instant.nullable().describe('since when nobody can sign up and no newsletter sends to it'),
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
export const listParams = z.object({ list: z.string().max(80).describe('short name or id') });

const all = createRoute({
  method: 'get',
  path: '/lists',
  tags: ['Lists'],
  summary: 'All lists',
  ...needs('lists:read'),
  request: {
    query: pageQuery.extend({
      archived: z.string().optional().describe('if it is there: archived ones, too'),
    }),
  },
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
  request: { params: listParams },
  responses: { 200: json(listSchema, 'The list.'), ...refused, ...missing },
});

const change = createRoute({
  method: 'patch',
  path: '/lists/{list}',
  tags: ['Lists'],
  summary: 'Change a list',
  description: 'What is not given stays. Addresses with a former short name go on working.',
  ...needs('lists:write'),
  request: {
    params: listParams,
    body: jsonBody(z.strictObject({ ...fields, slug: z.string().max(63) }).partial()),
  },
  responses: { 200: json(listSchema, 'The list as it is now.'), ...refused, ...missing, ...conflict },
});

const stateRoute = <const Verb extends string>(verb: Verb, summary: string) =>
  createRoute({
    method: 'post',
    path: `/lists/{list}/${verb}` as const,
    tags: ['Lists'],
    summary,
    ...needs('lists:write'),
    request: { params: listParams },
    responses: { 200: json(listSchema, 'The list as it is now.'), ...refused, ...missing, ...conflict },
  });
const archive = stateRoute(
  'archive',
  'Put a list away: nobody can subscribe to it, and no newsletter sends to it',
);
const unarchive = stateRoute('unarchive', 'Take an archived list into use again');

const remove = createRoute({
  method: 'delete',
  path: '/lists/{list}',
  tags: ['Lists'],
  summary: 'Remove a list with its subscriptions',
  description:
    'The people stay, and so does the proof of their consent. A list that a segment names, or that an edition is on its way to, is not removed.',
  ...needs('lists:write'),
  request: { params: listParams },
  responses: { 204: { description: 'It is gone.' }, ...refused, ...missing, ...conflict },
});

/** The audiences. */
export function addListRoutes(api: Api, { context }: ApiTools): void {
  api.openapi(all, async (c) => {
    const { limit, cursor, archived } = c.req.valid('query');
    const after = cursor === undefined ? '' : placeOf('lists', cursor, [z.string()])[0];
    const rows = (await listLists(context, { archived: archived !== undefined })).filter(
      ({ slug }) => slug > after,
    );
    // Not by locale: cursors and names must agree on what comes first.
    rows.sort((one, other) => (one.slug < other.slug ? -1 : 1));
    return c.json(
      page(rows, limit, shownList, (list) => cursorAt('lists', list.slug)),
      200,
    );
  });
  api.openapi(create, async (c) => {
    const { slug } = await createList(context, c.req.valid('json'));
    return c.json(shownList(await showList(context, slug)), 201);
  });
  api.openapi(show, async (c) => c.json(shownList(await showList(context, c.req.valid('param').list)), 200));
  api.openapi(change, async (c) => {
    const { slug, ...changes } = c.req.valid('json');
    const { id } = await findList(context, c.req.valid('param').list);
    const isRenamed = slug !== undefined;
    // All or nothing: a short name that is taken leaves the rest as it was.
    await context.db.transaction().execute(async (trx) => {
      const inside = { db: trx, clock: context.clock };
      if (isRenamed) await renameList(inside, id, { slug });
      if (!isRenamed || Object.keys(changes).length > 0) await editList(inside, id, changes);
    });
    return c.json(shownList(await showList(context, id)), 200);
  });
  api.openapi(archive, async (c) => {
    const { id } = await archiveList(context, c.req.valid('param').list);
    return c.json(shownList(await showList(context, id)), 200);
  });
  api.openapi(unarchive, async (c) => {
    const { id } = await unarchiveList(context, c.req.valid('param').list);
    return c.json(shownList(await showList(context, id)), 200);
  });
  api.openapi(remove, async (c) => {
    await removeList(context, c.req.valid('param').list);
    return c.body(null, 204);
  });
}

/** A list as the API gives it. */
export const shownList = (list: ListWithCounts): z.infer<typeof listSchema> => ({
  id: list.id,
  slug: list.slug,
  name: list.name,
  description: list.description,
  optIn: list.optIn,
  topics: list.topics,
  welcome: list.welcome,
  goodbye: list.goodbye,
  createdAt: at(list.createdAt),
  archivedAt: atOrNull(list.archivedAt),
  confirmed: list.confirmed,
  pending: list.pending,
  unsubscribed: list.unsubscribed,
});
