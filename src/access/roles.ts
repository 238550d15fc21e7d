import type { User } from './users.ts';

/** Viewers look, editors change and approve editions, admins also manage sources, newsletters and users. */
export type Role = 'viewer' | 'editor' | 'admin';
export const roles = ['viewer', 'editor', 'admin'] as const satisfies readonly Role[];

/** What someone wants to do at the desk. */
export type Act = 'view' | 'edit' | 'approve' | 'administer';

const needed: Record<Act, Role> = { view: 'viewer', edit: 'editor', approve: 'editor', administer: 'admin' };

type Holder = Pick<User, 'role' | 'newsletters' | 'disabledAt'>;

/**
 * Whether someone may do something. A role for a newsletter adds to the one for everything; the higher one counts.
 * @param newsletterId what it is done to; not given: the desk as a whole, which whoever sees any newsletter may look at,
 *   and in which only a role for everything allows more
 */
export function may(user: Holder, act: Act, newsletterId?: number): boolean {
  if (user.disabledAt) return false;
  const held = [
    user.role,
    ...user.newsletters
      .filter((each) =>
        newsletterId === undefined ? act === 'view' : each.newsletterId === Number(newsletterId),
      )
      .map((each) => each.role),
  ];
  const least = roles.indexOf(needed[act]);
  return held.some((role) => role !== null && roles.indexOf(role) >= least);
}

/** The newsletters that someone sees; undefined: all there are. */
export function visibleNewsletters(user: Holder): number[] | undefined {
  if (user.disabledAt) return [];
  return user.role ? undefined : user.newsletters.map(({ newsletterId }) => newsletterId);
}

/** Whether a text names a role. */
export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text);
