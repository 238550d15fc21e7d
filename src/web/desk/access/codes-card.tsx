/** @jsxImportSource hono/jsx */
import { raw } from 'hono/html';
import { renderSVG } from 'uqr';
import type { CodeSetup } from '../../../access/totp.ts';
import type { UserDetails } from '../../../access/users.ts';
import { Button, Card, Csrf, Input, State } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { accessTexts } from '../words/access.ts';
import { speaking } from '../words/words.ts';

interface CodesProps {
  c: DeskCall;
  user: UserDetails;
  /** What was begun and waits for its first code. */
  setup: CodeSetup | undefined;
  recoveryLeft: number;
  error?: string;
}

/** Codes from one's phone: set up, in use, or neither. */
export function CodesCard({ c, user, setup, recoveryLeft, error }: CodesProps) {
  const say = speaking(accessTexts, c.var.language);
  const act = (path: string, label: string, kind?: 'main' | 'danger') => (
    <form method="post" action={`/desk/account/codes/${path}`}>
      <Csrf token={c.var.session.csrf} />
      <Button kind={kind}>{label}</Button>
    </form>
  );
  if (user.hasCode)
    return (
      <Card title={say('codes')} id="codes" aside={<State mood="good">{say('withCode')}</State>}>
        <div class="stack">
          <p>{say('codesOn')}</p>
          <p>{say('codesLeft', { count: recoveryLeft })}</p>
          <div class="row">
            {act('recovery', say('codesNew'))}
            {act('off', say('codesEnd'), 'danger')}
          </div>
        </div>
      </Card>
    );
  if (!setup)
    return (
      <Card title={say('codes')} id="codes">
        <div class="stack">
          <p>{say('codesOff')}</p>
          {act('begin', say('codesBegin'), 'main')}
        </div>
      </Card>
    );
  return (
    <Card title={say('codes')} id="codes">
      <form method="post" action="/desk/account/codes/confirm" class="stack">
        <Csrf token={c.var.session.csrf} />
        <p>{say('codesScan')}</p>
        <div role="img" aria-label={say('codesQr')}>
          {raw(
            renderSVG(setup.uri, { border: 3 }).replace(
              '<svg ',
              '<svg width="208" height="208" aria-hidden="true" ',
            ),
          )}
        </div>
        <p>
          {say('codesType')} <code>{setup.secret}</code>
        </p>
        <Input
          id="code"
          label={say('code')}
          error={error}
          autocomplete="one-time-code"
          inputmode="numeric"
          maxlength={7}
          required
        />
        <div>
          <Button kind="main">{say('codesConfirm')}</Button>
        </div>
      </form>
    </Card>
  );
}
