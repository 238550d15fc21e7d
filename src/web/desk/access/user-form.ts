import { isRole } from '../../../access/roles.ts';
import type { UserDetails, UserFields } from '../../../access/users.ts';

/** What the form shows of a user, as it is stamped. */
export const valuesOf = ({
  name,
  role,
  newsletters,
}: Pick<UserDetails, 'name' | 'role' | 'newsletters'>): Record<string, string[]> => ({
  name: [name],
  role: role ? [role] : [],
  newsletters: newsletters.map((held) => `${held.newsletterId}:${held.role}`),
});

/** A user's fields as the form of `RoleFields` sends them. @param newsletters those that there are */
export function fieldsFrom(
  form: Record<string, string[]>,
  newsletters: readonly { id: number }[],
): Required<Pick<UserFields, 'name' | 'role' | 'newsletters'>> {
  const roleOf = (name: string) => {
    const role = form[name]?.[0] ?? '';
    return isRole(role) ? role : null;
  };
  return {
    name: form.name?.[0] ?? '',
    role: roleOf('role'),
    newsletters: newsletters.flatMap(({ id }) => {
      const role = roleOf(`newsletter-${id}`);
      return role ? [{ newsletterId: id, role }] : [];
    }),
  };
}
