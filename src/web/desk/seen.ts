import { createHash } from 'node:crypto';
import { listActs } from '../../access/audit.ts';
import type { Context } from '../../context.ts';

type Values = Record<string, readonly string[]>;

/** What a form showed for what was saved, in a few characters: two that saved it at once are told apart by it. */
export function stampOf(values: Values): string {
  const entries = Object.entries(values)
    .map(([name, texts]) => [name, [...texts].sort()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(entries)).digest('base64url').slice(0, 22);
}

/** Whether what is saved is what the form showed; a form that does not say what it showed is taken as it is. */
export const isSeen = (sent: Values, saved: Values): boolean =>
  sent.seen?.[0] === undefined || sent.seen[0] === stampOf(saved);

// A page stays open for a day at most.
const openMs = 86_400_000;

/**
 * Who did something just now, as the log names them; undefined if nobody at the desk did: a command, or a fetch.
 * @param of what, and to what
 */
export async function lastActor(
  context: Pick<Context, 'db' | 'clock'>,
  of: { act: string; newsletterId?: number; subject?: string },
): Promise<string | undefined> {
  const since = new Date(context.clock.now().getTime() - openMs);
  const { acts } = await listActs(context, { ...of, since, limit: 1 });
  return acts[0]?.userEmail ?? undefined;
}
