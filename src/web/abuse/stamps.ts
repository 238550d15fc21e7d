import { randomInt } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { LinkSigner } from '../../links.ts';

/** A day: a form that was open for longer is shown again. */
const longestSeconds = 24 * 3600;

/**
 * Marks a form with when it was shown: a signed text for a hidden field. It tells whoever fills forms in at once, or
 * sends them without having seen them, from people.
 * @param listId what the form is for; 0 for forms about no list
 */
export function stampForm(clock: Clock, signer: LinkSigner, listId: number): string {
  const seconds = Math.floor(clock.now().getTime() / 1000);
  return signer.sign('form', [listId, seconds, randomInt(2 ** 40)]);
}

/** How many seconds ago a form was shown; undefined if we did not make the stamp for it, or it is older than a day. */
export function ageOfStamp(
  clock: Clock,
  signer: LinkSigner,
  listId: number,
  stamp: string,
): number | undefined {
  const [list, shownAt] = signer.verify('form', stamp) ?? [];
  if (list !== listId || shownAt === undefined) return undefined;
  const age = clock.now().getTime() / 1000 - shownAt;
  // A little into the future: hosts' clocks differ.
  return age >= -60 && age <= longestSeconds ? Math.max(0, age) : undefined;
}
