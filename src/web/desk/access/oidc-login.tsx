/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { noteAct } from '../../../access/audit.ts';
import { beginStep, stepMinutes, takeLoginStep } from '../../../access/login-steps.ts';
import { type OidcClaims, OidcProvider, type OidcRefusal, userOfClaims } from '../../../access/oidc.ts';
import type { OidcSettings } from '../../../config.ts';
import type { Context } from '../../../context.ts';
import { messageOf } from '../../../errors.ts';
import { untilInWords } from '../../words/words.ts';
import type { DeskCall, DeskEnv } from '../env.ts';
import { showDesk } from '../frame.tsx';
import { accessTexts } from '../words/access.ts';
import { speaking } from '../words/words.ts';
import { dropCookie, readCookie, writeCookie } from './cookies.ts';
import type { DoorLimits } from './limits.ts';
import { deskPath } from './local-path.ts';
import { DoorMessage, LoginPage } from './login-page.tsx';
import { originOf } from './origin.ts';
import { signIn } from './sign-in.ts';

const refusals = {
  unverified: 'refusedUnverified',
  unknown: 'refusedUnknown',
  disabled: 'refusedDisabled',
  'no-role': 'refusedNoRole',
  broken: 'refusedBroken',
} as const satisfies Record<OidcRefusal | 'broken', string>;

/** `/login/oidc`: to the login service, and back from it. */
export function oidcLogin(context: Context, settings: OidcSettings, limits: DoorLimits): Hono<DeskEnv> {
  const { config, log } = context;
  const provider = new OidcProvider(settings, config.publicUrl);
  const { name } = settings;
  const app = new Hono<DeskEnv>();

  app.get('/', async (c) => {
    const { language } = c.var;
    const say = speaking(accessTexts, language);
    const next = deskPath(c.req.query('next'));
    const notice = (text: string, status: 429 | 502) =>
      showDesk(c, <LoginPage language={language} provider={name} next={next} notice={text} />, status);
    const allowed = await limits.provider(c);
    if (!allowed.allowed)
      return notice(say('tooMany', { when: untilInWords(allowed.waitSeconds, language) }), 429);
    try {
      const { url, ...way } = await provider.begin();
      const token = await beginStep(context, 'oidc', { userId: null, data: { ...way, next } });
      writeCookie(c, config, 'login', token, stepMinutes.oidc * 60);
      return c.redirect(url);
    } catch (error) {
      log.error({ error: messageOf(error), issuer: settings.issuer }, 'the login service cannot be reached');
      return notice(say('providerAway', { name }), 502);
    }
  });

  const refused = async (c: DeskCall, why: OidcRefusal | 'broken', email = '') => {
    await noteAct(context, {
      user: null,
      act: 'login.failed',
      subject: email || undefined,
      details: { way: 'oidc', reason: why },
      ip: originOf(c, config).ip,
    });
    const say = speaking(accessTexts, c.var.language);
    return showDesk(
      c,
      <DoorMessage language={c.var.language} title={say('refusedTitle')}>
        {say(refusals[why], { name, email })}
      </DoorMessage>,
      403,
    );
  };

  app.get('/callback', async (c) => {
    // Only the browser that went there comes back, and once.
    const step = await takeLoginStep(context, 'oidc', readCookie(c, config, 'login') ?? '');
    dropCookie(c, config, 'login');
    if (!step) return refused(c, 'broken');
    let claims: OidcClaims;
    try {
      claims = await provider.finish(new URL(c.req.url).search, step.data);
    } catch (error) {
      log.warn({ error: messageOf(error), issuer: settings.issuer }, 'a login at the service failed');
      return refused(c, 'broken');
    }
    const found = await userOfClaims(context, settings, claims);
    if ('refused' in found) return refused(c, found.refused, found.email);
    if (found.made)
      await noteAct(context, {
        user: found.user,
        act: 'user.create',
        subject: found.user.email,
        details: { way: 'oidc', role: found.user.role },
        ip: originOf(c, config).ip,
      });
    return signIn(context, c, found.user, { how: 'oidc', next: step.data.next });
  });
  return app;
}
