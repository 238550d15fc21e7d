/** @jsxImportSource hono/jsx */
import type { UserDetails } from '../../../access/users.ts';
import { Button, Card, Csrf, Input, Notice } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { stampOf } from '../seen.ts';
import { accessTexts } from '../words/access.ts';
import { speaking } from '../words/words.ts';
import { Done } from './done.tsx';
import { ProofCard } from './proof.tsx';
import { valuesOf } from './user-form.ts';
import { type NamedNewsletter, RoleFields } from './users-page.tsx';

interface UserProps {
  c: DeskCall;
  user: UserDetails;
  newsletters: NamedNewsletter[];
  sessions: number;
  /** Whoever looks has a password to show who they are. */
  hasPassword: boolean;
  error?: string;
}

/** One user: what they may do, how they come in, and whether they still may. */
export function UserPage({ c, user, newsletters, sessions, hasPassword, error }: UserProps) {
  const { session, language } = c.var;
  const say = speaking(accessTexts, language);
  const isSelf = user.id === session.user.id;
  const here = `/desk/users/${user.id}`;
  const act = (path: string, label: string, kind?: 'danger') => (
    <form method="post" action={`${here}/${path}`}>
      <Csrf token={session.csrf} />
      <Button kind={kind}>{label}</Button>
    </form>
  );
  return (
    <DeskPage
      c={c}
      title={user.name || user.email}
      place="users"
      sub={user.email}
      width="narrow"
      crumbs={[['/desk/users', say('users')]]}
    >
      <Done c={c} />
      {error ? <Notice mood="bad">{error}</Notice> : null}
      {user.disabledAt ? <Notice mood="wait">{say('closed')}</Notice> : null}
      {isSelf ? (
        <Card title={say('itIsYou')}>
          <p>{say('itIsYouText')}</p>
        </Card>
      ) : session.recentlyProven ? (
        <>
          <Card title={say('role')} id="role-card">
            <form method="post" action={here} class="stack">
              <Csrf token={session.csrf} />
              <input type="hidden" name="seen" value={stampOf(valuesOf(user))} />
              <Input id="name" label={say('name')} value={user.name} autocomplete="off" maxlength={200} />
              <RoleFields c={c} user={user} newsletters={newsletters} />
              <div>
                <Button kind="main">{say('save')}</Button>
              </div>
            </form>
          </Card>
          <Card title={say('keys')} id="keys">
            <div class="stack">
              <p>{say('theirSessions', { count: sessions })}</p>
              <div class="row">
                {user.disabledAt ? null : act('link', say('mailThem'))}
                {sessions > 0 ? act('end-sessions', say('endAll')) : null}
                {user.hasPassword ? act('drop-password', say('dropPassword')) : null}
                {user.hasCode ? act('drop-codes', say('dropCodes')) : null}
              </div>
            </div>
          </Card>
          <Card title={say('close')} id="close">
            <div class="stack">
              <p>{say('closeText')}</p>
              {user.disabledAt ? act('open', say('open')) : act('close', say('close'))}
              <details class="fold">
                <summary>{say('remove')}</summary>
                <div class="stack">
                  <p>{say('removeText')}</p>
                  {act('remove', say('removeSure', { email: user.email }), 'danger')}
                </div>
              </details>
            </div>
          </Card>
        </>
      ) : (
        <ProofCard c={c} next={here} hasPassword={hasPassword} />
      )}
    </DeskPage>
  );
}
