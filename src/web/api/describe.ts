import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Scope } from '../../access/tokens.ts';
import type { Context } from '../../context.ts';
import type { Letters } from '../../delivery/letters.ts';
import type { Origin } from '../../subscribers/consent.ts';
import type { Background } from '../background.ts';
import { type ApiEnv, type Caller, requireScope } from './caller.ts';
import { answerInvalid, errorSchema } from './failure.ts';

/** The API while its routes are added. */
export type Api = OpenAPIHono<ApiEnv>;

/** What routes need beside the context. */
export interface ApiTools {
  context: Context;
  letters: Letters;
  background: Background;
}

/** An API without routes. */
export const newApi = (): Api => new OpenAPIHono<ApiEnv>({ defaultHook: answerInvalid });

/** What a route asks of its callers; to be spread into it. */
export const needs = (scope: Scope) => ({
  security: [{ token: [scope] }],
  middleware: requireScope(scope),
});

/** An answer of JSON. */
export const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

const error = (description: string) => json(errorSchema, description);

/** What every route may answer. */
export const refused = {
  400: error('Something in the call is wrong; nothing was done.'),
  401: error('The token is missing, wrong, revoked or out of date.'),
  403: error('The token is not for this, or there is none and the call is not from this machine.'),
  429: error('Too many calls within a minute.'),
  500: error('Something went wrong on our side.'),
} as const;
export const missing = { 404: error('There is no such thing.') } as const;
export const conflict = { 409: error('The state of things does not allow it; nothing was done.') } as const;

/** A body that must be there. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true as const,
  content: { 'application/json': { schema } },
});

/** A body that may be left out. */
export const optionalBody = <Schema extends z.ZodType>(schema: Schema) => ({
  content: { 'application/json': { schema } },
});

export const instant = z.string().openapi({ format: 'date-time', example: '2026-11-24T07:00:00.000Z' });

const writtenInstant = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

/** An instant as it was given, with its zone; a bare day begins in UTC. */
export const givenInstant = z
  .string()
  .refine(
    (text) => writtenInstant.safeParse(text).success && text >= '0001',
    'is no instant such as 2026-11-24T07:00:00Z',
  )
  .openapi({ format: 'date-time', example: '2026-11-24T07:00:00Z' });

/** An instant for an answer. */
export const at = (date: Date): string => date.toISOString();
/** An instant for an answer, where there may be none. */
export const atOrNull = (date: Date | null): string | null => date?.toISOString() ?? null;

/** Who acted, for the consent log: a caller, not the person. */
export const originOfCaller = (caller: Caller, note?: string): Origin => ({
  via: 'api',
  evidence: { token: caller.name, ...(note && { consent: note }) },
});
