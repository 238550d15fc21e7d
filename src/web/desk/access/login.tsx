/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { noteAct } from '../../../access/audit.ts';
import {
  beginStep,
  lookAtStep,
  type StepData,
  stepMinutes,
  takeLoginStep,
} from '../../../access/login-steps.ts';
import { checkPassword } from '../../../access/passwords.ts';
import { takeCode } from '../../../access/totp.ts';
import { findUser, keyOf } from '../../../access/users.ts';
import type { Context } from '../../../context.ts';
import { isMailCaught } from '../../../delivery/transport.ts';
import type { Allowed } from '../../abuse/limits.ts';
import { formOf } from '../../request.ts';
import { untilInWords } from '../../words/words.ts';
import type { DeskCall, DeskEnv, DeskSite } from '../env.ts';
import { showDesk } from '../frame.tsx';
import { accessTexts } from '../words/access.ts';
import { speaking } from '../words/words.ts';
import { dropCookie, readCookie, writeCookie } from './cookies.ts';
import { deskLanguage } from './language.ts';
import { DoorLimits } from './limits.ts';
import { deskPath } from './local-path.ts';
import { CodePage, DoorMessage, LinkIsComing, LoginPage, UseLinkPage } from './login-page.tsx';
import { oidcLogin } from './oidc-login.tsx';
import { originOf } from './origin.ts';
import { isFromOurPage } from './same-origin.ts';
import { signIn } from './sign-in.ts';

/** `/login` and what lies below it: for whoever has no session yet. */
export function loginPages(context: Context, site: DeskSite): Hono<DeskEnv> {
  const { config, db } = context;
  const limits = new DoorLimits(context, site.signer);
  const provider = config.oidc?.name;
  const app = new Hono<DeskEnv>();
  app.use('/login/*', async (c, next) => {
    c.set('language', deskLanguage(c));
    // There is no session whose token a form could bring, but a page elsewhere logs nobody in as somebody else.
    if (c.req.method === 'POST' && !isFromOurPage(c, config))
      return loginPage(c, { notice: speaking(accessTexts, c.var.language)('elsewhere') }, 403);
    await next();
    // Addresses of links hold a token.
    c.header('Referrer-Policy', 'no-referrer');
  });

  const loginPage = (
    c: DeskCall,
    shown: Partial<Parameters<typeof LoginPage>[0]> = {},
    status: 200 | 401 | 403 | 422 | 429 = 200,
  ) => showDesk(c, <LoginPage language={c.var.language} provider={provider} {...shown} />, status);
  const wait = (c: DeskCall, allowed: Allowed & { allowed: false }) => {
    c.header('Retry-After', String(allowed.waitSeconds));
    return speaking(accessTexts, c.var.language)('tooMany', {
      when: untilInWords(allowed.waitSeconds, c.var.language),
    });
  };

  app.get('/login', (c) =>
    loginPage(c, { next: deskPath(c.req.query('next')), email: c.req.query('email')?.slice(0, 254) }),
  );

  app.post('/login', async (c) => {
    const say = speaking(accessTexts, c.var.language);
    const form = await formOf(c);
    const email = (form.email?.[0] ?? '').trim().slice(0, 254);
    const password = form.password?.[0] ?? '';
    const next = deskPath(form.next?.[0]);
    const key = keyOf(email);
    if (key === undefined) return loginPage(c, { next, email, errors: { email: say('wrongAddress') } }, 422);

    if (form.way?.[0] === 'link' || password === '') {
      const allowed = await limits.link(c, key);
      if (!allowed.allowed) return loginPage(c, { next, email, notice: wait(c, allowed) }, 429);
      const { ip, userAgent } = originOf(c, config);
      // After the answer: how long it takes must not tell whether the address is known.
      site.background.run('mailing a link to log in', async () => {
        const isSent = await site.letters.loginLink(email, {
          next,
          userAgent: userAgent ?? undefined,
          language: c.var.language,
        });
        await noteAct(context, {
          user: null,
          act: isSent ? 'login.link' : 'login.failed',
          subject: email,
          details: isSent ? {} : { way: 'link', reason: 'no such user' },
          ip,
        });
      });
      return showDesk(
        c,
        <LinkIsComing language={c.var.language} email={email} isCaught={await isMailCaught(context)} />,
      );
    }

    const allowed = await limits.password(c, key);
    if (!allowed.allowed) return loginPage(c, { next, email, notice: wait(c, allowed) }, 429);
    // The same statements and one slow hash, whether or not there is such a user.
    const user = await db
      .selectFrom('users')
      .select(['id', 'email', 'totp_since'])
      .where('email_key', '=', key)
      .where('disabled_at', 'is', null)
      .executeTakeFirst();
    if (!(await checkPassword(context, user?.id, password)) || !user) {
      await noteAct(context, {
        user: null,
        act: 'login.failed',
        subject: email,
        details: { way: 'password' },
        ip: originOf(c, config).ip,
      });
      return loginPage(c, { next, email, errors: { password: say('wrongPassword') } }, 401);
    }
    return goOn(
      c,
      { id: user.id, email: user.email, hasCode: user.totp_since !== null },
      { next, how: 'password' },
    );
  });

  /** In, or to the code if they have set that up. */
  async function goOn(
    c: DeskCall,
    user: { id: number; email: string; hasCode: boolean },
    data: StepData['code'],
  ): Promise<Response> {
    if (!user.hasCode) return signIn(context, c, user, data);
    const token = await beginStep(context, 'code', { userId: user.id, data });
    writeCookie(c, config, 'login', token, stepMinutes.code * 60);
    return c.redirect('/desk/login/code', 303);
  }

  const linkGone = (c: DeskCall) => {
    const say = speaking(accessTexts, c.var.language);
    return showDesk(
      c,
      <DoorMessage language={c.var.language} title={say('linkGone')}>
        {say('linkGoneText', { minutes: stepMinutes.link })}
      </DoorMessage>,
      410,
    );
  };

  app.get('/login/link', async (c) => {
    const token = c.req.query('token') ?? '';
    const step = await lookAtStep(context, 'link', token);
    const user = step?.userId ? await findUser(context, step.userId) : undefined;
    if (!user || user.disabledAt) return linkGone(c);
    return showDesk(c, <UseLinkPage language={c.var.language} email={user.email} token={token} />);
  });

  app.post('/login/link', async (c) => {
    const form = await formOf(c);
    const step = await takeLoginStep(context, 'link', form.token?.[0] ?? '');
    const user = step?.userId ? await findUser(context, step.userId) : undefined;
    if (!step || !user || user.disabledAt) return linkGone(c);
    return goOn(c, user, step.data);
  });

  app.get('/login/code', async (c) => {
    const step = await lookAtStep(context, 'code', readCookie(c, config, 'login') ?? '');
    return step ? showDesk(c, <CodePage language={c.var.language} />) : c.redirect('/desk/login');
  });

  app.post('/login/code', async (c) => {
    const say = speaking(accessTexts, c.var.language);
    const token = readCookie(c, config, 'login') ?? '';
    const step = await lookAtStep(context, 'code', token);
    const user = step?.userId ? await findUser(context, step.userId) : undefined;
    if (!step || !user || user.disabledAt) {
      dropCookie(c, config, 'login');
      return c.redirect('/desk/login', 303);
    }
    const allowed = await limits.code(c, user.id);
    if (!allowed.allowed)
      return showDesk(c, <CodePage language={c.var.language} error={wait(c, allowed)} />, 429);
    const known = await takeCode(context, user.id, (await formOf(c)).code?.[0]?.slice(0, 100) ?? '');
    if (!known) {
      await noteAct(context, {
        user: null,
        act: 'login.failed',
        subject: user.email,
        details: { way: step.data.how, reason: 'code' },
        ip: originOf(c, config).ip,
      });
      return showDesk(c, <CodePage language={c.var.language} error={say('wrongCode')} />, 401);
    }
    if (!(await takeLoginStep(context, 'code', token))) return c.redirect('/desk/login', 303);
    return signIn(context, c, user, { ...step.data, details: { second: known } });
  });

  if (config.oidc) app.route('/login/oidc', oidcLogin(context, config.oidc, limits));
  return app;
}
