import type { Config } from '../config.ts';
import { describeUrl } from '../delivery/describe-url.ts';
import { type RouteSettings, testRoute } from '../delivery/routes.ts';
import { parseSmtpUrl } from '../delivery/smtp/server.ts';
import { messageOf, UserError } from '../errors.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

/**
 * Whether each way out takes us: connects as sending does, encrypts and logs in.
 * @param routes those that an admin made; where there are none, SMTP_URL is the way out
 */
export async function checkMail(
  routes: Pick<RouteSettings, 'name' | 'url' | 'active'>[],
  { smtpUrl, returnPath, bounceSmtp, bounceMailbox, webhooks }: Config,
): Promise<Finding[]> {
  const active = routes.filter((route) => route.active);
  if (routes.length > 0 && active.length === 0)
    return [
      failed(
        'mail',
        'no route is switched on: editions are paused instead of sent',
        `Switch one on: broadsheet routes edit ${routes[0]?.name} --active on`,
      ),
    ];
  const ways =
    active.length > 0
      ? active.map(({ name, url }) => ({ name: `route ${name}`, url }))
      : smtpUrl
        ? [{ name: 'SMTP_URL', url: smtpUrl }]
        : [];
  if (ways.length === 0)
    return [
      warning(
        'mail',
        'all mail is caught by the embedded inbox, and none leaves this machine',
        'That is right for trying out. To send, set SMTP_URL, or make a route: broadsheet routes create NAME URL',
      ),
    ];
  const findings = (await Promise.all(ways.map(checkWay))).flat();
  const hearsProviders = Object.values(webhooks).some((value) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined,
  );
  if (!bounceSmtp && !bounceMailbox && !hearsProviders)
    findings.push(
      warning(
        'bounces',
        'nothing tells of mail that came back',
        'Set BOUNCE_SMTP_PORT or BOUNCE_MAILBOX with RETURN_PATH, or a webhook of your provider: docs/feedback.md',
      ),
    );
  else findings.push(ok('bounces', returnPath ? `come back to ${returnPath}` : 'come back to the sender'));
  return findings;
}

async function checkWay({ name, url }: { name: string; url: string }): Promise<Finding[]> {
  if (/^(?:sendmail|module):/.test(url))
    return [
      ok('mail', `${name}: ${describeUrl(url)} is used when the first mail is sent; it cannot be tried`),
    ];
  try {
    const { server, secure, loggedIn } = await testRoute(url);
    const says = `${name}: ${server} takes mail from us, ${secure ? 'encrypted' : 'not encrypted'}, ${loggedIn ? 'logged in' : 'without a log-in'}`;
    if (secure || isHere(url)) return [ok('mail', says)];
    return [
      warning(
        'mail',
        says,
        'Use smtps://, or a server that offers STARTTLS: what is sent can be read on its way.',
      ),
    ];
  } catch (error) {
    return [
      failed(
        'mail',
        `${name}: ${messageOf(error).replace(/\.$/, '')}`,
        (error instanceof UserError && error.hint) || 'Check host, port, name and password.',
      ),
    ];
  }
}

const isHere = (url: string) => /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/.test(parseSmtpUrl(url).host);
