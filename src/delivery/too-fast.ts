import type { Outcome } from './verdict.ts';

/** Whether an answer says that too much came too fast. Greylisting says nothing of the kind: it refuses everybody once. */
export function isTooFast(outcome: Outcome): boolean {
  if (outcome.kind === 'unanswered') return false;
  const { code, words } = outcome;
  if (code === undefined || code < 400 || code >= 500) return false;
  if (/gr[ea]ylist|postgrey/i.test(words)) return false;
  return (
    code === 421 ||
    /\b4\.(?:3\.2|7\.(?:0|1|28|32|500|650))\b/.test(words) ||
    /\b(?:rate|throttl\w*|too (?:many|fast|frequent\w*)|slow down|limit\w*|exceed\w*|deferred due to|TSS?0\d|unusual)\b/i.test(
      words,
    )
  );
}

const togetherMs = 10_000;
const groupsForRoute = 3;

/** Whom refusals for speed are about: a mail provider, or the route itself when several are slow in the same moment. */
export class Refusers {
  readonly #at = new Map<string, number>();

  /**
   * Notes a refusal.
   * @param group of recipients whose message was refused
   * @param now in milliseconds, of any clock that does not jump
   * @returns the group, or '' if it is the route that is too fast
   */
  note(group: string, now: number): string {
    for (const [each, at] of this.#at) if (now - at > togetherMs) this.#at.delete(each);
    this.#at.set(group, now);
    return this.#at.size >= groupsForRoute ? '' : group;
  }
}
