import type { Clock } from '../clock.ts';
import { describeUrl } from '../delivery/describe-url.ts';
import { isForSome } from '../delivery/letter-routes.ts';
import type { RouteSettings } from '../delivery/routes.ts';
import { TokenSource } from '../delivery/smtp/authenticate.ts';
import type { Patience } from '../delivery/smtp/connection.ts';
import { SmtpConnection } from '../delivery/smtp/connection.ts';
import { parseSmtpUrl, type SmtpServer } from '../delivery/smtp/server.ts';
import { messageOf, UserError } from '../errors.ts';
import { certificateAge, type Finding, failed, ok, warning } from './finding.ts';

/** A way out for mail. */
export interface Way {
  /** For people: `route main`, or `SMTP_URL`. */
  name: string;
  /** With its password. */
  url: string;
  /** Undefined: its transport is no SMTP server. */
  host: string | undefined;
  /** It serves this From domain alone. */
  fromDomain: string | null;
}

/** What a server was found to be. */
export interface WayLook {
  way: Way;
  /** Whether what goes to it is encrypted; undefined: it was not reached. */
  secure: boolean | undefined;
  findings: Finding[];
}

/** What is asked of each server without sending anything. */
export interface TrialEnvelope {
  from: string;
  to: string;
}

const patience: Patience = { connectMs: 4_000, answerMs: 5_000, messageMs: 5_000 };

/**
 * The ways that mail takes out.
 * @param routes those that an admin made; where there are none, SMTP_URL is the way out
 */
export function waysOut(
  routes: Pick<RouteSettings, 'name' | 'url' | 'active' | 'fromDomain'>[],
  smtpUrl: string | undefined,
): Way[] {
  const named =
    routes.length > 0
      ? routes
          .filter(({ active }) => active)
          .map(({ name, url, fromDomain }) => ({ name: `route ${name}`, url, fromDomain }))
      : smtpUrl
        ? [{ name: 'SMTP_URL', url: smtpUrl, fromDomain: null }]
        : [];
  return named.map((way) => ({ ...way, host: hostOf(way.url) }));
}

function hostOf(url: string): string | undefined {
  try {
    return parseSmtpUrl(url).host;
  } catch {
    return undefined;
  }
}

/** What is to be said where there is no way out; undefined if there is one. */
export function checkWays(routes: Pick<RouteSettings, 'name'>[], ways: Way[]): Finding | undefined {
  if (ways.length > 0) return undefined;
  return routes.length > 0
    ? failed(
        'mail',
        'no route is switched on: editions are paused instead of sent',
        `Switch one on: broadsheet routes edit ${routes[0]?.name} --active on`,
      )
    : warning(
        'mail',
        'all mail is caught by the embedded inbox, and none leaves this machine',
        'That is right for trying out. To send, set SMTP_URL, or make a route: broadsheet routes create NAME URL',
      );
}

/**
 * What is to be said where mails to single people (confirmations, links to log in) and alerts find no way, or share editions' routes;
 * undefined if there is nothing to say.
 */
export function checkLetters(
  routes: Pick<RouteSettings, 'active' | 'fromDomain' | 'listId'>[],
  smtpUrl: string | undefined,
): Finding | undefined {
  const active = routes.filter((route) => route.active);
  if (smtpUrl !== undefined || active.length === 0) return undefined;
  if (active.some((route) => !isForSome(route)))
    return ok('mail', 'confirmations, links to log in and alerts go by the routes, as SMTP_URL is not set');
  return warning(
    'mail',
    'confirmations, links to log in and alerts find no way out, but for senders of a domain that has a route: every route is made for some mail alone',
    'Set SMTP_URL for them, or make a route for all mail: broadsheet routes create NAME URL',
  );
}

/**
 * Connects to a way's server as sending does, encrypts, logs in, and asks whether it would take an envelope, which is taken back.
 * @param trial undefined: no envelope is tried
 */
export async function lookAtWay(way: Way, clock: Clock, trial: TrialEnvelope | undefined): Promise<WayLook> {
  const { name, url } = way;
  if (/^(?:sendmail|module):/.test(url))
    return {
      way,
      secure: undefined,
      findings: [
        ok('mail', `${name}: ${describeUrl(url)} is used when the first mail is sent; it cannot be tried`),
      ],
    };
  try {
    const server = parseSmtpUrl(url);
    const connection = await SmtpConnection.open(server, patience, new TokenSource(server.login));
    try {
      const findings = [greeted(name, server, connection), ...aged(name, connection, server, clock)];
      if (trial) findings.push(await tried(name, connection, trial));
      return { way, secure: connection.isSecure, findings };
    } finally {
      await connection.quit();
    }
  } catch (error) {
    const at = way.host === undefined ? '' : ` ${parseSmtpUrl(url).describe}:`;
    return {
      way,
      secure: undefined,
      findings: [
        failed(
          'mail',
          `${name}:${at} ${messageOf(error).replace(/\.$/, '')}`,
          (error instanceof UserError && error.hint) ||
            'Check host, port, name and password, and whether it wants TLS (smtps:// or STARTTLS).',
        ),
      ],
    };
  }
}

function greeted(name: string, server: SmtpServer, { isSecure }: SmtpConnection): Finding {
  const says = `${name}: ${server.describe} takes mail from us, ${isSecure ? 'encrypted' : 'not encrypted'}, ${server.login ? 'logged in' : 'without a log-in'}`;
  if (isSecure || isHere(server)) return ok('mail', says);
  return warning(
    'mail',
    says,
    'Use smtps://, or a server that offers STARTTLS: what is sent can be read on its way.',
  );
}

function aged(name: string, { certificate }: SmtpConnection, server: SmtpServer, clock: Clock): Finding[] {
  if (!certificate?.valid_to) return [];
  const unchecked = server.tlsOptions.rejectUnauthorized === false;
  const { says, status } = certificateAge(certificate.valid_to, clock.now());
  const mend = `Whoever runs ${server.host} has to renew it: mail stops when it ends.`;
  const sentence = `${name}: ${says}`;
  if (unchecked)
    return [
      warning(
        'mail',
        `${sentence}, and is believed unseen (tls.rejectUnauthorized=false)`,
        "Name the authority's certificate in NODE_EXTRA_CA_CERTS instead.",
      ),
    ];
  return [
    status === 'ok' ? ok('mail', sentence) : (status === 'failed' ? failed : warning)('mail', sentence, mend),
  ];
}

async function tried(
  name: string,
  connection: SmtpConnection,
  { from, to }: TrialEnvelope,
): Promise<Finding> {
  const { mail, rcpt } = await connection.tryEnvelope({ from, to });
  if (mail.code >= 300)
    return failed(
      'mail',
      `${name}: it takes no mail from ${from}: ${mail.words}`,
      'Let the server (or the provider, by verifying the domain) allow this sender, or set RETURN_PATH to one that it allows.',
    );
  if (!rcpt || rcpt.code >= 500)
    return failed(
      'mail',
      `${name}: it takes mail from ${from}, and none to ${to}: ${rcpt?.words ?? 'no answer'}`,
      'Let it relay for us (by log-in or address). If only this address is wrong, try another: broadsheet doctor --to ADDRESS',
    );
  if (rcpt.code >= 300)
    return warning(
      'mail',
      `${name}: it does not take mail to ${to} now: ${rcpt.words}`,
      'It may be greylisting; try again in some minutes.',
    );
  return ok('mail', `${name}: it would take mail from ${from} to ${to}; nothing was sent`);
}

const isHere = ({ host }: SmtpServer) => /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
