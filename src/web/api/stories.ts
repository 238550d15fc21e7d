import { createRoute, z } from '@hono/zod-openapi';
import { messageOf } from '../../errors.ts';
import { relatedTo } from '../../selection/related-to.ts';
import { editStory } from '../../stories/edit-story.ts';
import { findStory, listStories } from '../../stories/find-stories.ts';
import { takeIn } from '../../stories/intake.ts';
import { parseJsonStories, parseNdjson, type storySchema } from '../../stories/json-stories.ts';
import { readStory } from '../../stories/read-story.ts';
import { removeStories } from '../../stories/remove-stories.ts';
import { cursorAt, page, pageOf, pageQuery, placeOf } from './cursor.ts';
import {
  type Api,
  type ApiTools,
  at,
  givenInstant,
  instant,
  json,
  jsonBody,
  missing,
  needs,
  refused,
} from './describe.ts';
import { failure } from './failure.ts';
import { relatedSchema } from './reasons.ts';

const summary = {
  id: z.number().int(),
  title: z.string(),
  url: z.string().nullable().describe('null: it has no address of its own'),
  publisher: z.string(),
  language: z.string().nullable(),
  topics: z.array(z.string()),
  publishedAt: instant,
  revision: z.number().int().describe('grows each time that the story says something else'),
  source: z.string().nullable().describe('the name of the source that it came from'),
};
const summarySchema = z.object(summary).openapi('StorySummary');
const fullSchema = z
  .object({
    ...summary,
    dek: z.string(),
    bodyText: z.string(),
    imageUrl: z.string().nullable(),
    imageAlt: z.string().nullable(),
    author: z.string().nullable(),
    storylineId: z.number().int().nullable(),
    firstSeenAt: instant,
    updatedAt: instant,
  })
  .openapi('Story');

const resultSchema = z
  .object({
    added: z.array(z.number().int()).describe('ids of new stories'),
    updated: z.array(z.number().int()).describe('ids of stories that say something else now'),
    unchanged: z.array(z.number().int()),
    problems: z
      .array(z.object({ where: z.string(), reason: z.string() }))
      .describe('stories that could not be taken, or only in part'),
  })
  .openapi('Intake');

// What parseJsonStories reads, said for clients: the same names, with the forms that each may have.
const incomingSchema = z
  .object({
    title: z.string(),
    url: z.string().optional(),
    guid: z.string().optional().describe('your own identifier'),
    dek: z.string().optional().describe('one or two sentences below the title'),
    bodyText: z.string().optional().describe('paragraphs separated by an empty line'),
    imageUrl: z.string().optional(),
    imageAlt: z.string().optional(),
    author: z.string().optional(),
    publisher: z.string().optional(),
    language: z.string().optional().describe('a BCP 47 tag'),
    topics: z.array(z.string()).optional(),
    publishedAt: givenInstant.optional(),
  } satisfies Record<keyof z.input<typeof storySchema>, z.ZodType>)
  .openapi('IncomingStory');

const storyId = z.object({
  story: z
    .string()
    .regex(/^\d{1,15}$/, 'is no id')
    .describe('its id'),
});

const all = createRoute({
  method: 'get',
  path: '/stories',
  tags: ['Stories'],
  summary: 'Stories, the newest first',
  ...needs('stories:read'),
  request: {
    query: pageQuery.extend({
      since: givenInstant.optional().describe('published then or later'),
      source: z.string().max(2000).optional().describe('name, id or address of a source'),
      search: z.string().max(200).optional().describe('words that the title or dek holds'),
    }),
  },
  responses: { 200: json(pageOf(summarySchema), 'A page of stories.'), ...refused, ...missing },
});

const send = createRoute({
  method: 'post',
  path: '/stories',
  tags: ['Stories'],
  summary: 'Send stories in',
  description:
    'A JSON array, one object, or NDJSON (application/x-ndjson), up to 10 MB. Only the title must be there. Names may be in snake_case; "link", "headline", "summary", "body", "tags", "date" and the like are understood. A story that is known, by address or guid, is updated. One that is wrong is reported in "problems"; the others go in.',
  ...needs('stories:write'),
  request: {
    body: {
      required: true as const,
      content: {
        'application/json': { schema: z.array(incomingSchema) },
        'application/x-ndjson': { schema: z.string().describe('one such object a line') },
      },
    },
  },
  responses: {
    200: json(resultSchema, 'What became of them.'),
    422: json(resultSchema, 'None could be taken.'),
    ...refused,
  },
});

const show = createRoute({
  method: 'get',
  path: '/stories/{story}',
  tags: ['Stories'],
  summary: 'One story',
  ...needs('stories:read'),
  request: { params: storyId },
  responses: { 200: json(fullSchema, 'The story.'), ...refused, ...missing },
});

const related = createRoute({
  method: 'get',
  path: '/stories/{story}/related',
  tags: ['Stories'],
  summary: 'What is related to a story, with the reasons',
  ...needs('stories:read'),
  request: {
    params: storyId,
    query: z.object({ limit: z.coerce.number().int().min(1).max(50).default(5) }),
  },
  responses: {
    200: json(
      z.object({ id: z.number().int().nullable(), title: z.string(), related: z.array(relatedSchema) }),
      'The most related first.',
    ),
    ...refused,
    ...missing,
  },
});

const change = createRoute({
  method: 'patch',
  path: '/stories/{story}',
  tags: ['Stories'],
  summary: 'Change a story',
  description:
    'What is not given stays; null takes it away. What it said before stays in its history, and editions keep the copies that they have. A source that tells of it again may write over it.',
  ...needs('stories:write'),
  request: {
    params: storyId,
    body: jsonBody(
      z
        .strictObject({
          title: z.string().min(1).max(2000),
          dek: z.string().max(10_000),
          author: z.string().max(500).nullable(),
          publisher: z.string().min(1).max(500),
          language: z.string().max(50).nullable().describe('a BCP 47 tag'),
          topics: z.array(z.string().max(200)).max(100),
          image: z.string().max(2000).nullable().describe('its address'),
        })
        .partial(),
    ),
  },
  responses: { 200: json(fullSchema, 'The story as it is now.'), ...refused, ...missing },
});

const remove = createRoute({
  method: 'delete',
  path: '/stories/{story}',
  tags: ['Stories'],
  summary: 'Remove a story',
  description:
    'Editions keep their copies of it. If its source still tells of it, it is taken in again as new.',
  ...needs('stories:write'),
  request: { params: storyId },
  responses: { 204: { description: 'It is gone.' }, ...refused, ...missing },
});

/** Stories: in, out, and what belongs to them. */
export function addStoryRoutes(api: Api, { context }: ApiTools): void {
  api.openapi(all, async (c) => {
    const { limit, cursor, since, ...filter } = c.req.valid('query');
    const place =
      cursor === undefined ? undefined : placeOf('stories', cursor, [z.iso.datetime(), z.number().int()]);
    const rows = await listStories(context, {
      ...filter,
      since: since === undefined ? undefined : new Date(since),
      before: place && { publishedAt: new Date(place[0]), id: place[1] },
      limit: limit + 1,
    });
    return c.json(
      page(rows, limit, shownSummary, ({ id, published_at }) => cursorAt('stories', at(published_at), id)),
      200,
    );
  });

  // Not checked by its schema: a story that is wrong is no reason to refuse the others.
  const { security: _, middleware, ...described } = send;
  api.openAPIRegistry.registerPath({ ...described, security: send.security });
  api.post('/stories', middleware, async (c) => {
    const text = await c.req.text();
    const isLines = /ndjson|jsonl/i.test(c.req.header('content-type') ?? '');
    let parsed: ReturnType<typeof parseNdjson>;
    if (isLines) parsed = parseNdjson(text);
    else {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch (error) {
        return c.json(
          failure(
            'no-json',
            `The body is no JSON: ${messageOf(error)}.`,
            'For one object a line, send Content-Type: application/x-ndjson.',
          ),
          400,
        );
      }
      parsed = parseJsonStories(value);
    }
    const result = await takeIn(context, parsed.stories);
    result.problems.unshift(...parsed.problems);
    const taken = result.added.length + result.updated.length + result.unchanged.length;
    return c.json(result, taken === 0 && result.problems.length > 0 ? 422 : 200);
  });

  const shownStory = async (reference: string): Promise<z.infer<typeof fullSchema>> => {
    const story = await findStory(context, reference);
    return {
      ...shownSummary(story),
      dek: story.dek,
      bodyText: story.body_text,
      imageUrl: story.image_url,
      imageAlt: story.image_alt,
      author: story.author,
      storylineId: story.storyline_id,
      firstSeenAt: at(story.first_seen_at),
      updatedAt: at(story.updated_at),
    };
  };
  api.openapi(show, async (c) => c.json(await shownStory(c.req.valid('param').story), 200));
  api.openapi(change, async (c) => {
    const { id } = await editStory(context, c.req.valid('param').story, c.req.valid('json'));
    return c.json(await shownStory(String(id)), 200);
  });
  api.openapi(remove, async (c) => {
    const { id } = await findStory(context, c.req.valid('param').story);
    await removeStories(context, [id]);
    return c.body(null, 204);
  });
  api.openapi(related, async (c) => {
    const story = await readStory(context, c.req.valid('param').story);
    const found = await relatedTo(context, story, c.req.valid('query').limit);
    return c.json({ id: story.id, title: story.title, related: found }, 200);
  });
}

type Row = Awaited<ReturnType<typeof listStories>>[number];

const shownSummary = (row: Row): z.infer<typeof summarySchema> => ({
  id: row.id,
  title: row.title,
  url: row.url,
  publisher: row.publisher,
  language: row.language,
  topics: row.topics,
  publishedAt: at(row.published_at),
  revision: row.revision,
  source: row.source,
});
