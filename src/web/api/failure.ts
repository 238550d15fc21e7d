import { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { UserError } from '../../errors.ts';
import type { Log } from '../../log.ts';

/** Every answer that is an error. */
export const errorSchema = z
  .object({
    error: z.object({
      code: z.string().describe('for programs'),
      message: z.string().describe('what happened, and where'),
      hint: z.string().optional().describe('what to do next'),
      details: z.record(z.string(), z.unknown()).optional().describe('facts for programs'),
    }),
  })
  .openapi('Error');

/** The body of an answer that is an error. @param hint what to do next */
export function failure(
  code: string,
  message: string,
  hint?: string,
  details?: Record<string, unknown>,
): z.infer<typeof errorSchema> {
  const hasDetails = details !== undefined && Object.keys(details).length > 0;
  return { error: { code, message, ...(hint && { hint }), ...(hasDetails && { details }) } };
}

const statuses: Record<string, 404 | 409> = {
  'not-found': 404,
  exists: 409,
  state: 409,
  checks: 409,
  suppressed: 409,
  archived: 409,
  'not-archived': 409,
  'in-use': 409,
  busy: 409,
  conflict: 409,
  import: 409,
};

/** Answers with an error that a call ran into. What nobody foresaw is logged, and told without particulars. */
export function answerError(log: Log, error: Error, c: HonoContext): Response {
  if (error instanceof UserError)
    return c.json(failure(error.code, error.message, error.hint, error.details), statuses[error.code] ?? 400);
  if (error instanceof HTTPException) {
    if (error.status === 415)
      return c.json(
        failure(
          'media-type',
          'The body is of a kind that is not taken here.',
          'Send Content-Type: application/json.',
        ),
        415,
      );
    return c.json(failure(error.status === 400 ? 'no-json' : 'usage', `${error.message}.`), error.status);
  }
  // The path may hold an address.
  const path = c.req.path.replace(/(?<![^/])[^/]*(@|%40)[^/]*/g, 'ADDRESS');
  log.error({ error: error.message, stack: error.stack, path }, 'an API call failed');
  return c.json(failure('internal', 'Something went wrong on our side.', 'Try again in a minute.'), 500);
}

/** Answers a call of which parameters or body are not as documented; for OpenAPIHono's `defaultHook`. */
export function answerInvalid(
  result: { target: string } & ({ success: true } | { success: false; error: z.core.$ZodError }),
  c: HonoContext,
): Response | undefined {
  if (result.success) return undefined;
  const problems = result.error.issues.map(({ path, message }) => ({
    where: path.length > 0 ? path.join('.') : result.target,
    message,
  }));
  const sentence = problems.map(({ where, message }) => `"${where}": ${message}`).join('; ');
  return c.json(failure('usage', `${sentence}.`, 'See /api/docs for what is taken here.', { problems }), 400);
}
