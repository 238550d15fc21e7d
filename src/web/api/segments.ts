import { createRoute, z } from '@hono/zod-openapi';
import { countSegment } from '../../subscribers/segments/count.ts';
import {
  createSegment,
  editSegment,
  listSegments,
  removeSegment,
  type SegmentUse,
  showSegment,
} from '../../subscribers/segments/segments.ts';
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

const segmentSchema = z
  .object({
    id: z.number().int(),
    name: z.string().openapi({ example: 'engaged' }),
    description: z.string(),
    filter: z.string().openapi({ example: 'clicked >= 3 within 90d' }),
    createdAt: instant,
    updatedAt: instant,
    segments: z.array(z.string()).describe('segments that refer to it, by name'),
    newsletters: z.array(z.string()).describe('newsletters that are limited to it, by short name'),
  })
  .openapi('Segment');

const fields = {
  name: z.string().max(63).describe('lower-case letters, digits and hyphens'),
  filter: z.string().max(4000).describe('such as frequency = weekly and clicked within 30d'),
  description: z.string().max(2000),
};
const params = z.object({ segment: z.string().max(80).describe('its name or id') });

const all = createRoute({
  method: 'get',
  path: '/segments',
  tags: ['Segments'],
  summary: 'All segments',
  ...needs('subscribers:read'),
  request: { query: pageQuery },
  responses: { 200: json(pageOf(segmentSchema), 'By name.'), ...refused },
});

const create = createRoute({
  method: 'post',
  path: '/segments',
  tags: ['Segments'],
  summary: 'Save a filter under a name',
  description: 'A mistake in the filter is answered with its line and column.',
  ...needs('subscribers:write'),
  request: {
    body: jsonBody(z.strictObject({ ...fields, description: fields.description.optional() })),
  },
  responses: { 201: json(segmentSchema, 'The new segment.'), ...refused, ...conflict },
});

const show = createRoute({
  method: 'get',
  path: '/segments/{segment}',
  tags: ['Segments'],
  summary: 'One segment, and what depends on it',
  ...needs('subscribers:read'),
  request: { params },
  responses: { 200: json(segmentSchema, 'The segment.'), ...refused, ...missing },
});

const count = createRoute({
  method: 'get',
  path: '/segments/{segment}/count',
  tags: ['Segments'],
  summary: 'How many people a segment, or a filter, has',
  ...needs('subscribers:read'),
  request: {
    params: z.object({ segment: z.string().max(4000).describe('a saved segment’s name or id, or a filter') }),
  },
  responses: {
    200: json(
      z.object({
        subscribers: z.number().int().describe('all there are'),
        people: z.number().int().describe('whom it fits'),
        reachable: z.number().int().describe('of these, who are on a list and may be mailed now'),
      }),
      'The numbers.',
    ),
    ...refused,
    ...missing,
  },
});

const change = createRoute({
  method: 'patch',
  path: '/segments/{segment}',
  tags: ['Segments'],
  summary: 'Change a segment',
  description: 'What is not given stays. With a new name, segments that refer to it are rewritten.',
  ...needs('subscribers:write'),
  request: { params, body: jsonBody(z.strictObject(fields).partial()) },
  responses: {
    200: json(segmentSchema, 'The segment as it is now.'),
    ...refused,
    ...missing,
    ...conflict,
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/segments/{segment}',
  tags: ['Segments'],
  summary: 'Remove a segment that nothing depends on',
  ...needs('subscribers:write'),
  request: { params },
  responses: { 204: { description: 'It is gone.' }, ...refused, ...missing, ...conflict },
});

/** Saved filters over subscribers. */
export function addSegmentRoutes(api: Api, { context }: ApiTools): void {
  api.openapi(all, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? '' : placeOf('segments', cursor, [z.string()])[0];
    const rows = (await listSegments(context)).filter(({ name }) => name > after);
    // Not by locale: cursors and names must agree on what comes first.
    rows.sort((one, other) => (one.name < other.name ? -1 : 1));
    return c.json(
      page(rows, limit, shown, ({ name }) => cursorAt('segments', name)),
      200,
    );
  });
  api.openapi(create, async (c) => {
    const { id } = await createSegment(context, c.req.valid('json'));
    return c.json(shown(await showSegment(context, id)), 201);
  });
  api.openapi(show, async (c) =>
    c.json(shown(await showSegment(context, c.req.valid('param').segment)), 200),
  );
  api.openapi(count, async (c) => c.json(await countSegment(context, c.req.valid('param').segment), 200));
  api.openapi(change, async (c) => {
    const { id } = await editSegment(context, c.req.valid('param').segment, c.req.valid('json'));
    return c.json(shown(await showSegment(context, id)), 200);
  });
  api.openapi(remove, async (c) => {
    await removeSegment(context, c.req.valid('param').segment);
    return c.body(null, 204);
  });
}

const shown = (segment: SegmentUse): z.infer<typeof segmentSchema> => ({
  ...segment,
  createdAt: at(segment.createdAt),
  updatedAt: at(segment.updatedAt),
});
