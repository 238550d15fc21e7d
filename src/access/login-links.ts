import type { Context } from '../context.ts';
import { beginStep } from './login-steps.ts';

/**
 * Makes a link with which a user logs in, once, within a quarter of an hour.
 * @param request.next the local path to go to then
 * @param request.how `cli`: it is printed, not mailed
 * @returns its address
 */
export async function createLoginLink(
  context: Pick<Context, 'config' | 'db' | 'clock'>,
  userId: number,
  request: { next?: string; how: 'link' | 'cli' },
): Promise<string> {
  const token = await beginStep(context, 'link', { userId, data: request });
  return `${context.config.publicUrl}/desk/login/link?token=${token}`;
}
