import type { Webhooks } from '../../config.ts';

/** A provider that passes mail on from addresses of its own. */
export interface Relay {
  name: string;
  /** The names of its servers. */
  hosts: RegExp;
  /** What SPF records of its customers include, any of them. */
  includes: string[];
  /** The setting for its webhook; undefined: there is none of ours for it. */
  webhook?: { setting: string; key: keyof Webhooks };
}

const relays: Relay[] = [
  {
    name: 'Amazon SES',
    hosts: /^email-smtp.*\.amazonaws\.com$/,
    includes: ['amazonses.com'],
    webhook: { setting: 'WEBHOOK_SES_TOPICS', key: 'sesTopics' },
  },
  {
    name: 'Postmark',
    hosts: /\.postmarkapp\.com$/,
    includes: ['spf.mtasv.net'],
    webhook: { setting: 'WEBHOOK_POSTMARK_SECRET', key: 'postmark' },
  },
  {
    name: 'SendGrid',
    hosts: /\.sendgrid\.(?:net|com)$/,
    includes: ['sendgrid.net'],
    webhook: { setting: 'WEBHOOK_SENDGRID_KEY', key: 'sendgrid' },
  },
  {
    name: 'Mailgun',
    hosts: /\.mailgun\.org$/,
    includes: ['mailgun.org'],
    webhook: { setting: 'WEBHOOK_MAILGUN_KEY', key: 'mailgun' },
  },
  {
    name: 'SparkPost',
    hosts: /\.sparkpostmail\.com$/,
    includes: ['sparkpostmail.com'],
    webhook: { setting: 'WEBHOOK_SPARKPOST_SECRET', key: 'sparkpost' },
  },
  {
    name: 'Brevo',
    hosts: /\.(?:brevo|sendinblue)\.com$/,
    includes: ['spf.brevo.com', 'spf.sendinblue.com'],
    webhook: { setting: 'WEBHOOK_BREVO_SECRET', key: 'brevo' },
  },
  { name: 'Google', hosts: /\.(?:gmail|google)\.com$/, includes: ['_spf.google.com'] },
  { name: 'Microsoft', hosts: /\.(?:office365|outlook)\.com$/, includes: ['spf.protection.outlook.com'] },
  { name: 'Mailjet', hosts: /\.mailjet\.com$/, includes: ['spf.mailjet.com'] },
];

/** Whose server it is, if it is one of the known providers'. @param host such as `smtp.eu.mailgun.org` */
export function relayOf(host: string): Relay | undefined {
  const name = host.toLowerCase();
  return relays.find(({ hosts }) => hosts.test(name));
}
