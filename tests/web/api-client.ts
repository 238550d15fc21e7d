import { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { createToken, type Scope } from '../../src/access/tokens.ts';
import type { Config } from '../../src/config.ts';
import { api } from '../../src/web/api/api.ts';
import { Background } from '../../src/web/background.ts';
import { securityHeaders } from '../../src/web/security-headers.ts';
import { startServer } from '../../src/web/server.ts';
import { siteCss } from '../../src/web/site.css.ts';
import { createTestContext, type TestContext } from '../support/context.ts';

type Schema = Record<string, unknown>;
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Schema> };
}
interface Described {
  security?: { token: Scope[] }[];
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

/** An answer, held to what is documented of it. */
export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape; the schema holds them to one
  body: any;
  headers: Headers;
}

/**
 * A client of the API that holds each answer to the API's own description: an answer that is not documented, or has
 * fields that are not, fails the test. `called` collects which operations were called, `letters` which mails were to go.
 */
export async function startApi(settings: Partial<Config> = {}, given?: TestContext) {
  const context = given ?? (await createTestContext(settings));
  const background = new Background(context.log);
  const letters: string[] = [];
  const sends = (name: string) => async (about: unknown) =>
    letters.push(`${name} ${JSON.stringify(about)}`) > 0;
  const app = new Hono();
  app.use(securityHeaders);
  app.get('/assets/site.css', (c) => c.body(siteCss, 200, { 'Content-Type': 'text/css' }));
  app.route(
    '/api',
    api({
      context,
      background,
      letters: {
        confirmation: sends('confirmation'),
        welcome: sends('welcome'),
        goodbye: sends('goodbye'),
        preferencesLink: sends('preferences'),
        dataLink: sends('data'),
        loginLink: sends('login'),
      },
    }),
  );
  const site = await startServer(context, app, { host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await site.close();
    await background.settle();
  });
  const document = (await (await fetch(`${site.url}/api/openapi.json`)).json()) as Document;
  const called = new Set<string>();

  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const response = await fetch(`${site.url}/api${path}`, {
      method,
      headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    const answer = {
      status: response.status,
      body: text ? (isJson ? JSON.parse(text) : text) : undefined,
      headers: response.headers,
    };
    const operation = operationFor(document, method, path);
    if (operation) {
      called.add(operation.name);
      hold(document, operation, answer);
    }
    return answer;
  };
  return { context, url: site.url, document, called, letters, call };
}

export type TestApi = Awaited<ReturnType<typeof startApi>>;

/** A token's header. */
export async function bearer(context: TestContext, ...scopes: string[]): Promise<{ Authorization: string }> {
  const { token } = await createToken(context, { name: scopes.join(' '), scopes });
  return { Authorization: `Bearer ${token}` };
}

/** The operation of a path, those without parameters first. */
export function operationFor(document: Document, method: string, path: string) {
  const asked = path.split('?')[0] ?? '';
  const fits = Object.keys(document.paths)
    .filter((each) => new RegExp(`^${each.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(asked))
    .sort((one, other) => one.split('{').length - other.split('{').length);
  const found = fits.find((each) => document.paths[each]?.[method.toLowerCase()]);
  const described = found && document.paths[found]?.[method.toLowerCase()];
  return described ? { name: `${method} ${found}`, described } : undefined;
}

const made = new Map<string, z.ZodType>();

function hold(
  document: Document,
  { name, described }: { name: string; described: Described },
  answer: Answer,
): void {
  const response = described.responses[answer.status];
  if (!response) throw new Error(`${name} answered ${answer.status}, which is not documented`);
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  // A file: only its kind is documented.
  if (type !== 'application/json' && response.content?.[type]) return;
  const schema = response.content?.['application/json']?.schema;
  if (!schema) {
    if (answer.body !== undefined) throw new Error(`${name} answered ${answer.status} with a body`);
    return;
  }
  const key = `${name} ${answer.status}`;
  const check = made.get(key) ?? z.fromJSONSchema(strict(schema, document) as z.core.JSONSchema.JSONSchema);
  made.set(key, check);
  const result = check.safeParse(answer.body);
  if (!result.success)
    throw new Error(
      `${key} is not as documented: ${z.prettifyError(result.error)}\n${JSON.stringify(answer.body)}`,
    );
}

/** A schema without references, in which objects have no further properties. */
function strict(schema: unknown, document: Document): unknown {
  if (Array.isArray(schema)) return schema.map((each) => strict(each, document));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $ref, ...rest } = schema as Schema;
  if (typeof $ref === 'string')
    return strict(document.components.schemas[$ref.split('/').at(-1) ?? ''], document);
  const copy = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, strict(value, document)]),
  );
  return 'properties' in copy && !('additionalProperties' in copy)
    ? { ...copy, additionalProperties: false }
    : copy;
}
