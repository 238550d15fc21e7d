/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { beginCodes, begunCodes, confirmCodes, newRecoveryCodes, removeCodes } from '../../../access/totp.ts';
import { getUser } from '../../../access/users.ts';
import type { Context } from '../../../context.ts';
import { formOf } from '../../request.ts';
import { untilInWords } from '../../words/words.ts';
import { Button, Card } from '../design/components.tsx';
import type { DeskCall, DeskEnv } from '../env.ts';
import { DeskPage, showDesk } from '../frame.tsx';
import { accessTexts } from '../words/access.ts';
import { speaking } from '../words/words.ts';
import { CodesCard } from './codes-card.tsx';
import { doNoted } from './door.ts';
import type { DoorLimits } from './limits.ts';

const account = '/desk/account';

/** Below `/account/codes`: sets codes from one's phone up, turns them off, and makes recovery codes. */
export function codePages(context: Context, limits: DoorLimits): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();

  app.post('/begin', async (c) => {
    await beginCodes(context, c.var.session.user);
    return c.redirect(`${account}#codes`, 303);
  });

  app.post('/confirm', async (c) => {
    const say = speaking(accessTexts, c.var.language);
    const { user } = c.var.session;
    const wrong = async (error: string, status: 422 | 429) => {
      const [details, setup] = await Promise.all([getUser(context, user.id), begunCodes(context, user)]);
      return showDesk(
        c,
        <DeskPage c={c} title={say('codes')} place="account" width="narrow" crumbs={[[account, say('you')]]}>
          <CodesCard {...{ c, setup, error, user: details, recoveryLeft: 0 }} />
        </DeskPage>,
        status,
      );
    };
    const allowed = await limits.code(c, user.id);
    if (!allowed.allowed) {
      c.header('Retry-After', String(allowed.waitSeconds));
      return wrong(say('tooMany', { when: untilInWords(allowed.waitSeconds, c.var.language) }), 429);
    }
    const code = (await formOf(c)).code?.[0]?.slice(0, 100) ?? '';
    const codes = await doNoted(
      context,
      c,
      (within) => confirmCodes(within, user.id, code),
      (confirmed) => (confirmed ? { act: 'codes.on' } : undefined),
    );
    if (!codes) return wrong(say('wrongCode'), 422);
    return recoveryPage(c, codes);
  });

  app.post('/recovery', async (c) => {
    const { user } = c.var.session;
    if (!(await getUser(context, user.id)).hasCode) return c.redirect(account, 303);
    const codes = await doNoted(context, c, (within) => newRecoveryCodes(within, user.id), {
      act: 'codes.recovery',
    });
    return recoveryPage(c, codes);
  });

  app.post('/off', async (c) => {
    await doNoted(context, c, (within) => removeCodes(within, c.var.session.user.id), { act: 'codes.off' });
    return c.redirect(`${account}?done=saved`, 303);
  });
  return app;
}

function recoveryPage(c: DeskCall, codes: string[]): Response | Promise<Response> {
  const say = speaking(accessTexts, c.var.language);
  return showDesk(
    c,
    <DeskPage c={c} title={say('recoveryTitle')} place="account" width="narrow">
      <Card>
        <div class="stack">
          <p>{say('recoveryText')}</p>
          <ul class="grid">
            {codes.map((code) => (
              <li>
                <code>{code}</code>
              </li>
            ))}
          </ul>
          <div>
            <Button href={account} kind="main">
              {say('recoveryKept')}
            </Button>
          </div>
        </div>
      </Card>
    </DeskPage>,
  );
}
