import type { Config } from '../config.ts';
import { messageOf, UserError } from '../errors.ts';
import { countMailbox } from '../feedback/mailbox/poll.ts';
import { relayOf } from './dns/relays.ts';
import { type Finding, failed, ok, warning } from './finding.ts';
import type { Way } from './mail.ts';

/** So many that nobody has taken in: the worker that polls the mailbox does not run. */
const many = 500;

type Heard = Pick<Config, 'returnPath' | 'bounceSmtp' | 'bounceMailbox' | 'webhooks'>;

/** The webhooks of mail providers that are set up, by the names of their settings' keys. */
export const webhooksSet = (webhooks: Config['webhooks']): string[] =>
  Object.entries(webhooks)
    .filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value !== undefined))
    .map(([name]) => name);

/** Whether anything tells of mail that came back, and of complaints. */
export const hears = ({ bounceSmtp, bounceMailbox, webhooks }: Heard): boolean =>
  Boolean(bounceSmtp ?? bounceMailbox) || webhooksSet(webhooks).length > 0;

/** Whether bounces come back to us; logs in to the mailbox for them and counts what waits. */
export async function checkBounces(config: Heard): Promise<Finding[]> {
  const { returnPath, bounceMailbox } = config;
  const findings: Finding[] = [];
  if (!hears(config))
    findings.push(
      warning(
        'bounces',
        'nothing tells of mail that came back',
        'Set BOUNCE_SMTP_PORT or BOUNCE_MAILBOX with RETURN_PATH, or a webhook of your provider: docs/feedback.md',
      ),
    );
  else findings.push(ok('bounces', returnPath ? `come back to ${returnPath}` : 'come back to the sender'));
  if (!bounceMailbox) return findings;
  try {
    const count = await countMailbox(bounceMailbox);
    findings.push(
      count >= many
        ? warning(
            'bounces',
            `${count} messages wait in the mailbox`,
            'Does "broadsheet serve" or "broadsheet worker" run? Either reads it each minute.',
          )
        : ok(
            'bounces',
            `the mailbox lets us in; ${count === 1 ? '1 message waits' : `${count} messages wait`}`,
          ),
    );
  } catch (error) {
    findings.push(
      failed(
        'bounces',
        messageOf(error).replace(/\.$/, ''),
        (error instanceof UserError && error.hint) || 'Check BOUNCE_MAILBOX.',
      ),
    );
  }
  return findings;
}

/** Whether the webhooks of the providers that mail goes by are set up. */
export function checkWebhooks(ways: Way[], { webhooks }: Pick<Config, 'webhooks'>): Finding[] {
  const set = webhooksSet(webhooks);
  const findings: Finding[] = [];
  const used = new Set(ways.flatMap(({ host }) => (host ? (relayOf(host) ?? []) : [])));
  for (const { name, webhook } of used) {
    if (!webhook) continue;
    findings.push(
      set.includes(webhook.key)
        ? ok('secrets', `${webhook.setting} lets ${name} tell of bounces and complaints`)
        : warning(
            'secrets',
            `mail goes by ${name}, and ${webhook.setting} is not set: it cannot tell of bounces and complaints`,
            `Set it, and name our webhook there: docs/feedback.md`,
          ),
    );
  }
  const others = set.filter((key) => ![...used].some(({ webhook }) => webhook?.key === key));
  if (others.length > 0)
    findings.push(
      ok('secrets', `webhooks: ${others.map((key) => key.replace('sesTopics', 'ses')).join(', ')}`),
    );
  else if (findings.length === 0) findings.push(ok('secrets', 'no webhooks of mail providers are set'));
  return findings;
}
