/** @jsxImportSource hono/jsx */
import { roles } from '../../../access/roles.ts';
import type { UserDetails } from '../../../access/users.ts';
import { Button, Card, Check, Csrf, Input, Notice, Select, State, Table } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { accessTexts } from '../words/access.ts';
import { away, speaking } from '../words/words.ts';
import { Done } from './done.tsx';
import { ProofCard } from './proof.tsx';

/** A newsletter, as roles are given for it. */
export interface NamedNewsletter {
  id: number;
  name: string;
}

interface UsersProps {
  c: DeskCall;
  users: UserDetails[];
  newsletters: NamedNewsletter[];
  now: Date;
  hasPassword: boolean;
  /** What was filled in and not taken. */
  tried?: { email: string; name: string; error: string };
}

/** All users, and a form for another one. */
export function UsersPage({ c, users, newsletters, now, hasPassword, tried }: UsersProps) {
  const { session, language } = c.var;
  const say = speaking(accessTexts, language);
  const nameOf = (id: number) => newsletters.find((each) => each.id === id)?.name ?? '';
  return (
    <DeskPage c={c} title={say('users')} place="users" sub={say('usersSub')}>
      <Done c={c} />
      <Card>
        <div class="folds labelled">
          <Table
            caption={say('users')}
            columns={[{ label: say('email') }, { label: say('role') }, { label: say('lastLogin') }]}
          >
            {users.map((user) => (
              <tr>
                <td class="wide">
                  <a href={`/desk/users/${user.id}`}>{user.email}</a>
                  {user.name ? (
                    <>
                      <br />
                      <span class="quiet small">{user.name}</span>
                    </>
                  ) : null}
                </td>
                <td data-label={say('role')}>
                  {user.role ? say(`role${user.role}`) : null}
                  {user.newsletters.map((each) => (
                    <div class="small">
                      {nameOf(each.newsletterId)}: {say(`role${each.role}`)}
                    </div>
                  ))}
                </td>
                <td data-label={say('lastLogin')}>
                  {user.disabledAt ? (
                    <State mood="wait">{say('closed')}</State>
                  ) : user.lastLoginAt ? (
                    <time datetime={user.lastLoginAt.toISOString()}>
                      {away(user.lastLoginAt, now, language)}
                    </time>
                  ) : (
                    say('never')
                  )}
                  {user.hasCode ? <div class="quiet small">{say('withCode')}</div> : null}
                </td>
              </tr>
            ))}
          </Table>
        </div>
      </Card>
      {session.recentlyProven ? (
        <Card title={say('addUser')} id="add">
          <form method="post" action="/desk/users" class="stack">
            <Csrf token={session.csrf} />
            {tried ? <Notice mood="bad">{tried.error}</Notice> : null}
            <Input
              id="email"
              label={say('email')}
              type="email"
              value={tried?.email}
              autocomplete="off"
              required
            />
            <Input id="name" label={say('name')} value={tried?.name} autocomplete="off" maxlength={200} />
            <RoleFields c={c} user={{ role: 'editor', newsletters: [] }} newsletters={newsletters} />
            <Check name="mail" checked>
              {say('mailThem')}
            </Check>
            <div>
              <Button kind="main" icon="add">
                {say('add')}
              </Button>
            </div>
          </form>
        </Card>
      ) : (
        <ProofCard c={c} next="/desk/users" hasPassword={hasPassword} />
      )}
    </DeskPage>
  );
}

/** What someone may do: everywhere, and for single newsletters. */
export function RoleFields({
  c,
  user,
  newsletters,
}: {
  c: DeskCall;
  user: Pick<UserDetails, 'role' | 'newsletters'>;
  newsletters: NamedNewsletter[];
}) {
  const say = speaking(accessTexts, c.var.language);
  const options: [string, string][] = [
    ['', say('rolenone')],
    ...roles.map((role): [string, string] => [role, say(`role${role}`)]),
  ];
  return (
    <>
      <Select
        id="role"
        label={`${say('role')}: ${say('everywhere')}`}
        value={user.role}
        options={options}
        hint={say('roleHint')}
      />
      {newsletters.length > 0 ? (
        <details class="fold" open={user.newsletters.length > 0}>
          <summary>{say('newsletters')}</summary>
          <div class="stack tight">
            <p class="quiet small">{say('newslettersHint')}</p>
            {newsletters.map(({ id, name }) => (
              <Select
                id={`newsletter-${id}`}
                label={name}
                value={user.newsletters.find((each) => each.newsletterId === id)?.role}
                options={options}
              />
            ))}
          </div>
        </details>
      ) : null}
    </>
  );
}
