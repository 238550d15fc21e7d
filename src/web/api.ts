import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Context } from '../context.ts';
import { findEdition } from '../editions/editions.ts';
import { explainEdition } from '../editions/explain.ts';
import { UserError } from '../errors.ts';
import { checkEdition, keptFindings } from '../rendering/checks/check-edition.ts';
import { relatedTo } from '../selection/related-to.ts';
import { takeIn } from '../stories/intake.ts';
import { parseJsonStories, parseNdjson } from '../stories/json-stories.ts';
import { readStory } from '../stories/read-story.ts';
import { isFromThisMachine } from './request.ts';
import { sameSecret } from './same-secret.ts';

const largestBody = 10 * 1024 * 1024;

/**
 * The HTTP API. It asks for `Authorization: Bearer API_TOKEN`; while no API_TOKEN is set it answers to this machine
 * only. Errors are JSON: `{ "error": { "code", "message", "hint" } }`.
 */
export function api(context: Context): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    const { apiToken } = context.config;
    if (apiToken) {
      const given = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
      if (!sameSecret(given, apiToken))
        return c.json(
          failure(
            'unauthorised',
            'The API token is missing or wrong.',
            'Send "Authorization: Bearer TOKEN" with the value of API_TOKEN.',
          ),
          401,
        );
    } else if (!isFromThisMachine(c))
      return c.json(
        failure('unauthorised', 'The API answers to this machine only while API_TOKEN is not set.'),
        403,
      );
    return next();
  });
  app.use(
    bodyLimit({
      maxSize: largestBody,
      onError: (c) =>
        c.json(failure('too-large', 'The body is larger than 10 MB.', 'Send the stories in parts.'), 413),
    }),
  );

  // Stories as a JSON array, one object, or NDJSON (application/x-ndjson). A story that is wrong is reported in
  // `problems`; the others go in.
  app.post('/stories', async (c) => {
    const text = await c.req.text();
    const type = c.req.header('content-type') ?? '';
    let value: unknown;
    if (!/ndjson|jsonl/i.test(type)) {
      try {
        value = JSON.parse(text);
      } catch (error) {
        return c.json(
          failure(
            'no-json',
            `The body is no JSON: ${(error as Error).message}.`,
            'For one object a line, send Content-Type: application/x-ndjson.',
          ),
          400,
        );
      }
    }
    const parsed = value === undefined ? parseNdjson(text) : parseJsonStories(value);
    const result = await takeIn(context, parsed.stories);
    result.problems.unshift(...parsed.problems);
    const taken = result.added.length + result.updated.length + result.unchanged.length;
    return c.json(result, taken === 0 && result.problems.length > 0 ? 422 : 200);
  });

  // An edition (its id, NEWSLETTER or NEWSLETTER@TIME) with its stories and why each stands where it stands.
  // ?all: the reserve too.
  app.get('/editions/:edition', async (c) => {
    const edition = await findEdition(context, c.req.param('edition'));
    return c.json(await explainEdition(context, edition, { all: c.req.query('all') !== undefined }));
  });

  // What the checks found in an edition. ?fresh: checks it now, ?links: and follows its links.
  app.get('/editions/:edition/checks', async (c) => {
    const edition = await findEdition(context, c.req.param('edition'));
    const links = c.req.query('links') !== undefined;
    const kept = links || c.req.query('fresh') !== undefined ? undefined : keptFindings(edition);
    const findings = kept ?? (await checkEdition(context, edition, links ? { links } : {}));
    return c.json({ edition: edition.id, version: edition.version, findings });
  });

  // What is related to a story (its id), with the reasons. ?limit=N, up to 50.
  app.get('/stories/:id{[0-9]+}/related', async (c) => {
    const story = await readStory(context, c.req.param('id'));
    const limit = Number(c.req.query('limit') ?? 5);
    if (!Number.isInteger(limit) || limit < 1 || limit > 50)
      return c.json(failure('usage', '"limit" is a whole number from 1 to 50.'), 400);
    return c.json({ id: story.id, title: story.title, related: await relatedTo(context, story, limit) });
  });

  // Not notFound(): within the whole site that is the site's, a page.
  app.all('*', (c) => c.json(failure('not-found', `There is no ${c.req.method} ${c.req.path}.`), 404));
  app.onError((error, c) => {
    if (error instanceof UserError)
      return c.json(failure(error.code, error.message, error.hint), error.code === 'not-found' ? 404 : 400);
    context.log.error({ error: error.message, stack: error.stack, path: c.req.path }, 'an API call failed');
    return c.json(failure('internal', 'Something went wrong on our side; nothing was changed.'), 500);
  });
  return app;
}

function failure(code: string, message: string, hint?: string) {
  return { error: { code, message, ...(hint && { hint }) } };
}
