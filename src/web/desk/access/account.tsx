/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { dropLinks } from '../../../access/login-steps.ts';
import { checkPassword, passwordFault, removePassword, setPassword } from '../../../access/passwords.ts';
import { listSessions, proveSession, revokeSession, revokeSessions } from '../../../access/sessions.ts';
import { begunCodes, countRecoveryCodes } from '../../../access/totp.ts';
import { editUser, getUser } from '../../../access/users.ts';
import type { Context } from '../../../context.ts';
import { isMailCaught } from '../../../delivery/transport.ts';
import { formOf } from '../../request.ts';
import { untilInWords } from '../../words/words.ts';
import type { DeskCall, DeskEnv, DeskSite } from '../env.ts';
import { showDesk } from '../frame.tsx';
import { accessTexts } from '../words/access.ts';
import { deskLanguages, speaking } from '../words/words.ts';
import { AccountPage } from './account-page.tsx';
import { codePages } from './codes.tsx';
import { dropCookie } from './cookies.ts';
import { leadTo } from './done.tsx';
import { doNoted, noteDeskAct, provenOnly } from './door.ts';
import { DoorLimits } from './limits.ts';
import { deskPath } from './local-path.ts';
import { LinkIsComing } from './login-page.tsx';
import { showProof } from './proof.tsx';

const here = '/desk/account';

/** `/account`: one's own name, password, codes and sessions; and `/logout`. */
export function accountPages(context: Context, site: DeskSite): Hono<DeskEnv> {
  const { config } = context;
  const limits = new DoorLimits(context, site.signer);
  const app = new Hono<DeskEnv>();

  const accountPage = async (c: DeskCall, passwordError?: string) => {
    const user = await getUser(context, c.var.session.user.id);
    const [sessions, setup, recoveryLeft] = await Promise.all([
      listSessions(context, user.id),
      c.var.session.recentlyProven ? begunCodes(context, user) : undefined,
      countRecoveryCodes(context, user.id),
    ]);
    const now = context.clock.now();
    return showDesk(
      c,
      <AccountPage {...{ c, user, sessions, setup, recoveryLeft, now, passwordError }} />,
      passwordError ? 422 : 200,
    );
  };
  app.get('/account', (c) => accountPage(c));

  app.post('/account', async (c) => {
    const form = await formOf(c);
    const locale = form.locale?.[0] ?? '';
    await doNoted(
      context,
      c,
      (within) =>
        editUser(within, c.var.session.user.id, {
          name: form.name?.[0] ?? '',
          locale: deskLanguages.some(([tag]) => tag === locale) ? locale : null,
        }),
      (user) => ({ act: 'account.edit', details: { name: user.name, locale: user.locale } }),
    );
    return leadTo(c, here, 'saved');
  });

  app.post('/account/prove', async (c) => {
    const say = speaking(accessTexts, c.var.language);
    const { id, user } = c.var.session;
    const form = await formOf(c);
    const next = deskPath(form.next?.[0]) ?? here;
    if (form.way?.[0] === 'link') {
      const allowed = await limits.link(c, user.email.toLowerCase());
      if (!allowed.allowed) return tooOften(c, next, allowed.waitSeconds);
      site.background.run('mailing a link to log in', () =>
        site.letters.loginLink(user.email, {
          next,
          userAgent: c.req.header('user-agent'),
          language: c.var.language,
        }),
      );
      return showDesk(
        c,
        <LinkIsComing language={c.var.language} email={user.email} isCaught={await isMailCaught(context)} />,
      );
    }
    const allowed = await limits.password(c, user.email.toLowerCase());
    if (!allowed.allowed) return tooOften(c, next, allowed.waitSeconds);
    if (await checkPassword(context, user.id, form.password?.[0] ?? '')) {
      await proveSession(context, id);
      await noteDeskAct(context, c, { act: 'login.proven', details: { way: 'password' } });
      return c.redirect(next, 303);
    }
    await noteDeskAct(context, c, { act: 'login.failed', details: { way: 'password', reason: 'proof' } });
    const { hasPassword } = await getUser(context, user.id);
    return showProof(c, { next, hasPassword, error: say('wrongPassword') }, 401);
  });

  const tooOften = async (c: DeskCall, next: string, seconds: number) => {
    c.header('Retry-After', String(seconds));
    const { hasPassword } = await getUser(context, c.var.session.user.id);
    const when = untilInWords(seconds, c.var.language);
    const error = speaking(accessTexts, c.var.language)('tooMany', { when });
    return showProof(c, { next, hasPassword, error }, 429);
  };

  app.use(
    '/account/password/*',
    provenOnly(context, () => here),
  );
  app.post('/account/password', async (c) => {
    const { id, user } = c.var.session;
    const password = (await formOf(c)).password?.[0] ?? '';
    const fault = passwordFault(password, user.email);
    if (fault) return accountPage(c, speaking(accessTexts, c.var.language)(`password${fault}`));
    await doNoted(
      context,
      c,
      async (within) => {
        await setPassword(within, user, password);
        await dropLinks(within, user.id);
        return revokeSessions(within, user.id, id);
      },
      (sessionsEnded) => ({ act: 'password.set', details: { sessionsEnded } }),
    );
    return leadTo(c, here, 'password');
  });
  app.post('/account/password/remove', async (c) => {
    await doNoted(context, c, (within) => removePassword(within, c.var.session.user.id), {
      act: 'password.remove',
    });
    return leadTo(c, here, 'no-password');
  });

  app.use(
    '/account/codes/*',
    provenOnly(context, () => here),
  );
  app.route('/account/codes', codePages(context, limits));

  app.post('/account/sessions/others', async (c) => {
    const { id, user } = c.var.session;
    const ended = await doNoted(
      context,
      c,
      (within) => revokeSessions(within, user.id, id),
      (count) => ({ act: 'session.end', details: { ended: count, which: 'all others' } }),
    );
    return leadTo(c, here, 'sessions', ended);
  });
  app.post('/account/sessions/:id{[0-9]{1,15}}', async (c) => {
    const session = Number(c.req.param('id'));
    await doNoted(
      context,
      c,
      (within) => revokeSession(within, c.var.session.user.id, session),
      (ended) => (ended ? { act: 'session.end', details: { session } } : undefined),
    );
    return leadTo(c, here, 'session');
  });

  app.post('/logout', async (c) => {
    const { id, user } = c.var.session;
    await doNoted(context, c, (within) => revokeSession(within, user.id, id), { act: 'logout' });
    dropCookie(c, config, 'session');
    return c.redirect('/desk/login', 303);
  });
  return app;
}
