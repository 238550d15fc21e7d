/** @jsxImportSource hono/jsx */
import { deviceOf } from '../../../access/device.ts';
import type { Session } from '../../../access/sessions.ts';
import type { CodeSetup } from '../../../access/totp.ts';
import type { UserDetails } from '../../../access/users.ts';
import { Button, Card, Csrf, Input, Select, State, Table } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { accessTexts } from '../words/access.ts';
import { frameTexts } from '../words/frame.ts';
import { away, deskLanguages, speaking } from '../words/words.ts';
import { CodesCard } from './codes-card.tsx';
import { Done } from './done.tsx';
import { ProofCard } from './proof.tsx';

interface AccountProps {
  c: DeskCall;
  user: UserDetails;
  sessions: Session[];
  setup: CodeSetup | undefined;
  recoveryLeft: number;
  now: Date;
  passwordError: string | undefined;
}

/** One's own account. */
export function AccountPage({ c, user, sessions, setup, recoveryLeft, now, passwordError }: AccountProps) {
  const { session, language } = c.var;
  const say = speaking(accessTexts, language);
  const csrf = <Csrf token={session.csrf} />;
  return (
    <DeskPage
      c={c}
      title={speaking(frameTexts, language)('account')}
      place="account"
      sub={user.email}
      width="narrow"
    >
      <Done c={c} />
      <YouCard c={c} user={user} />
      {session.recentlyProven ? (
        <>
          <Card title={say('password')} id="password-card">
            <div class="stack">
              <p>{say(user.hasPassword ? 'hasPassword' : 'noPassword')}</p>
              <form method="post" action="/desk/account/password" class="stack">
                {csrf}
                {/* Password managers keep it under this name. */}
                <input type="hidden" name="email" value={user.email} autocomplete="username" />
                <Input
                  id="password"
                  label={say('newPassword')}
                  type="password"
                  hint={say('newPasswordHint')}
                  error={passwordError}
                  autocomplete="new-password"
                  required
                />
                <div class="row">
                  <Button kind="main">{say('setPassword')}</Button>
                </div>
              </form>
              {user.hasPassword ? (
                <form method="post" action="/desk/account/password/remove">
                  {csrf}
                  <Button kind="plain">{say('removePassword')}</Button>
                </form>
              ) : null}
            </div>
          </Card>
          <CodesCard {...{ c, user, setup, recoveryLeft }} />
        </>
      ) : (
        <ProofCard c={c} next="/desk/account" hasPassword={user.hasPassword} />
      )}
      <Card
        title={say('sessions')}
        aside={
          sessions.length > 1 ? (
            <form method="post" action="/desk/account/sessions/others">
              {csrf}
              <Button little>{say('endOthers')}</Button>
            </form>
          ) : undefined
        }
      >
        <div class="folds labelled">
          <Table
            caption={say('sessions')}
            columns={[
              { label: say('device') },
              { label: say('address') },
              { label: say('lastSeen') },
              { label: <span class="vh">{say('end')}</span> },
            ]}
          >
            {sessions.map((each) => (
              <tr>
                <td class="wide" title={each.userAgent ?? undefined}>
                  {deviceOf(each.userAgent) ?? say('unknownDevice')}
                  <br />
                  <span class="quiet small">{say(`way${each.how}`)}</span>
                </td>
                <td data-label={say('address')}>{each.ip ?? '–'}</td>
                <td data-label={say('lastSeen')}>
                  <time datetime={each.lastSeenAt.toISOString()}>{away(each.lastSeenAt, now, language)}</time>
                </td>
                <td>
                  {each.id === session.id ? (
                    <State mood="good">{say('thisOne')}</State>
                  ) : (
                    <form method="post" action={`/desk/account/sessions/${each.id}`}>
                      {csrf}
                      <Button little>{say('end')}</Button>
                    </form>
                  )}
                </td>
              </tr>
            ))}
          </Table>
        </div>
      </Card>
    </DeskPage>
  );
}

function YouCard({ c, user }: { c: DeskCall; user: UserDetails }) {
  const { session, language } = c.var;
  const say = speaking(accessTexts, language);
  const frame = speaking(frameTexts, language);
  return (
    <Card
      title={say('you')}
      id="you"
      aside={
        <span class="quiet small">
          {say('roleIs')}: {say(`role${user.role ?? 'none'}`)}
        </span>
      }
    >
      <form method="post" action="/desk/account" class="stack">
        <Csrf token={session.csrf} />
        <Input id="name" label={say('name')} value={user.name} autocomplete="name" maxlength={200} />
        <Select
          id="locale"
          label={say('language')}
          value={user.locale}
          options={[['', say('byBrowser')], ...deskLanguages]}
        />
        <Select
          id="appearance"
          label={frame('appearance')}
          options={[
            ['', frame('system')],
            ['light', frame('light')],
            ['dark', frame('dark')],
          ]}
          data-appearance-choice=""
        />
        <Select
          id="letters"
          label={frame('letters')}
          hint={frame('lettersHint')}
          options={[
            ['', frame('on')],
            ['off', frame('off')],
          ]}
          data-letters-choice=""
        />
        <div>
          <Button kind="main">{say('save')}</Button>
        </div>
      </form>
    </Card>
  );
}
