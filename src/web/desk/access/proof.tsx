/** @jsxImportSource hono/jsx */
import { Button, Card, Csrf, Input, Notice } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage, showDesk } from '../frame.tsx';
import { accessTexts } from '../words/access.ts';
import { speaking } from '../words/words.ts';

/** Asks someone whose login is a while ago to show once more who they are. @param next where they go on then */
export function ProofCard({
  c,
  next,
  hasPassword,
  error,
}: {
  c: DeskCall;
  next: string;
  hasPassword: boolean;
  error?: string;
}) {
  const say = speaking(accessTexts, c.var.language);
  return (
    <Card title={say('proveTitle')} id="proof">
      <form method="post" action="/desk/account/prove" class="stack">
        <Csrf token={c.var.session.csrf} />
        <input type="hidden" name="next" value={next} />
        <p>{say('proveText')}</p>
        {error && !hasPassword ? <Notice mood="bad">{error}</Notice> : null}
        {hasPassword ? (
          <Input
            id="proof-password"
            name="password"
            label={say('password')}
            type="password"
            autocomplete="current-password"
            error={error}
          />
        ) : null}
        <div class="row">
          {hasPassword ? <Button kind="main">{say('goOn')}</Button> : null}
          <Button kind={hasPassword ? 'plain' : 'main'} name="way" value="link">
            {say('proveByMail')}
          </Button>
        </div>
      </form>
    </Card>
  );
}

/** The same as a page, for a change that came too late. */
export function showProof(
  c: DeskCall,
  shown: { next: string; hasPassword: boolean; error?: string },
  status: 401 | 403 | 429 = 403,
): Response | Promise<Response> {
  const say = speaking(accessTexts, c.var.language);
  return showDesk(
    c,
    <DeskPage c={c} title={say('proveTitle')} width="narrow">
      <ProofCard c={c} {...shown} />
    </DeskPage>,
    status,
  );
}
