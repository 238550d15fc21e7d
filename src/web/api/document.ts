import { z } from '@hono/zod-openapi';
import { allScopes, scopes } from '../../access/tokens.ts';
import { eventData, eventKinds, kinds } from '../../notify/events.ts';
import { version } from '../../package-root.ts';
import type { Api } from './describe.ts';

/** The API's description: OpenAPI 3.1. */
export type ApiDocument = ReturnType<Api['getOpenAPI31Document']>;

const about = `Everything is JSON in UTF-8; instants are ISO 8601.

**Tokens.** Send \`Authorization: Bearer TOKEN\`. \`broadsheet tokens create NAME --scopes …\` makes one and shows it once; the value of API_TOKEN is a token for everything. While no API_TOKEN is set, calls from the machine itself need none.

**Errors** are \`{"error": {"code", "message", "hint", "details"}}\`: \`code\` for programs, \`message\` and \`hint\` for people.

**Pages.** What is listed comes with \`next\`: give it as \`cursor\` for the next page. What is added or removed meanwhile neither repeats rows nor hides them.

**Repeating a call.** With an \`Idempotency-Key\` of your own (1 to 255 characters, a new one for each call) a call that changes something is carried out once: the same key gives the same answer for a day, marked \`Idempotency-Replayed: true\`, and is refused with 422 for another call. Of two that come at once, one waits for the other.

**Limits.** Each token may make API_PER_MINUTE calls a minute. \`RateLimit\` says how many are left (\`r\`) and for how many seconds (\`t\`); beyond it the answer is 429 with \`Retry-After\`.

**Webhooks.** \`broadsheet webhooks create URL --events …\` has events posted to you, signed as [Standard Webhooks](https://www.standardwebhooks.com) has it: libraries for most languages check \`webhook-id\`, \`webhook-timestamp\` and \`webhook-signature\` with the secret that was shown. Answer with 2xx within ten seconds. Anything else is tried again, eight times within eighteen hours; then it is kept as dead for \`broadsheet webhooks resend\`. A post may come twice, and out of order: \`webhook-id\` tells whether you had it. 410 stops the posts.`;

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  description: 'makes the call safe to repeat within a day',
} as const;

const errorContent = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };

/** Describes webhooks, which are no routes, in an API that has its routes. */
export function describeWebhooks(api: Api): void {
  api.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: `A token with scopes. ${allScopes.map((scope) => `\`${scope}\`: ${scopes[scope]}`).join('; ')}. Whoever may write may read.`,
  });
  for (const kind of kinds)
    api.openAPIRegistry.registerWebhook({
      method: 'post',
      path: kind,
      tags: ['Webhooks'],
      summary: eventKinds[kind],
      request: {
        body: {
          content: {
            'application/json': {
              schema: z.object({
                type: z.literal(kind),
                timestamp: z.string().describe('when it happened'),
                data: eventData[kind],
              }),
            },
          },
        },
      },
      responses: { 204: { description: 'You have it. Any answer of 2xx will do.' } },
    });
}

/** The description of an API with all its routes. @param publicUrl where clients reach this server */
export function describe(api: Api, publicUrl: string): ApiDocument {
  const document = api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Broadsheet API',
      version,
      description: about,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: `${publicUrl}/api` }],
    tags: [
      { name: 'Lists', description: 'Audiences that people subscribe to.' },
      { name: 'Subscribers', description: 'People, and what they get of each list.' },
      { name: 'Segments', description: 'Saved filters over subscribers.' },
      { name: 'Imports', description: 'Files of subscribers that were taken in.' },
      { name: 'Suppressions', description: 'Addresses that must not be mailed, and why.' },
      { name: 'Stories', description: 'Articles: in, out, and what is related to them.' },
      { name: 'Newsletters', description: 'Products with a schedule, lists and a way of choosing.' },
      { name: 'Editions', description: 'The issues of newsletters: building, deciding and accounting.' },
      { name: 'Webhooks', description: 'What is posted to you.' },
    ],
  });
  for (const path of Object.values(document.paths ?? {}))
    for (const method of ['post', 'patch', 'put', 'delete'] as const) {
      const operation = path[method];
      if (!operation) continue;
      operation.parameters = [...(operation.parameters ?? []), idempotencyKey];
      const more = {
        '422': 'The Idempotency-Key was used for another call.',
        ...(operation.requestBody && {
          '413': 'The body is larger than 10 MB.',
          '415': 'The body is of a kind that is not taken here.',
        }),
      };
      operation.responses ??= {};
      for (const [status, description] of Object.entries(more))
        operation.responses[status] ??= { description, content: errorContent };
    }
  return document;
}
