import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { messageOf, UserError } from './errors.ts';

const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no', ''])
  .transform((value) => value === 'true' || value === '1' || value === 'yes');

const onOff = z
  .enum(['on', 'off', 'true', 'false', '1', '0', 'yes', 'no'])
  .transform((value) => value === 'on' || value === 'true' || value === '1' || value === 'yes');

const url = (protocols: string[], example: string) =>
  z.string().superRefine((value, context) => {
    let protocol: string | undefined;
    try {
      protocol = new URL(value).protocol.slice(0, -1);
    } catch {
      // reported below
    }
    if (!protocol || !protocols.includes(protocol))
      context.addIssue({ code: 'custom', message: `is not a URL such as ${example}` });
  });

/** For how long something is kept, in days or months; 0: for ever. */
const retention = (usual: number, most: number) => z.coerce.number().int().min(0).max(most).default(usual);

const networksIn = (text: string) => text.split(/[\s,]+/).filter(Boolean);
const areNetworks = (text: string) =>
  networksIn(text).every((each) => (each.includes('/') ? ipaddr.isValidCIDR(each) : ipaddr.isValid(each)));

const hookSecret = z.string().min(16, 'must have at least 16 characters');

/** Every setting with its form. What is new here is explained in .env.example, from which `broadsheet config` takes its words. */
export const environmentSchema = z.object({
  DATABASE_URL: url(
    ['postgres', 'postgresql'],
    'postgres://broadsheet:secret@db.example.com/broadsheet',
  ).optional(),
  MIGRATE: onOff.default(true),
  BROADSHEET_HOME: z.string().optional(),
  INSTALLATION_NAME: z.string().max(60).optional(),
  SMTP_URL: url(
    ['smtp', 'smtps', 'sendmail', 'module'],
    'smtp://user:password@mail.example.com:587',
  ).optional(),
  SMTP_CONNECTIONS: z.coerce.number().int().min(1).max(500).default(8),
  SMTP_MESSAGES_PER_CONNECTION: z.coerce.number().int().min(1).optional(),
  SMTP_PER_SECOND: z.coerce.number().positive().optional(),
  SMTP_PER_DAY: z.coerce.number().int().min(1).optional(),
  LEASE_SECONDS: z.coerce.number().int().min(1).max(3600).default(30),
  ROUTE_RETRY_MS: z.coerce.number().int().min(1).max(60_000).default(250),
  ROUTE_DOWN_SECONDS: z.coerce.number().int().min(0).max(86_400).default(300),
  PUBLIC_URL: url(['http', 'https'], 'https://news.example.com').optional(),
  STOP_SECONDS: z.coerce.number().int().min(1).max(3600).default(25),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65535).default(8080),
  TRUSTED_PROXIES: z
    .string()
    .refine(areNetworks, 'is not a list of addresses or networks such as 203.0.113.7, 10.0.0.0/8')
    .optional(),
  BROADSHEET_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  API_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  API_PER_MINUTE: z.coerce.number().int().min(1).default(600),
  RETURN_PATH: z
    .string()
    .regex(/^[^@\s]+@[^@\s]+$/, 'is not an address such as bounces@example.com')
    .optional(),
  BOUNCE_SMTP_HOST: z.string().default('127.0.0.1'),
  BOUNCE_SMTP_PORT: z.coerce.number().int().min(1).max(65535).optional(),
  BOUNCE_MAILBOX: url(
    ['imaps', 'imap', 'pop3s', 'pop3', 'maildir'],
    'imaps://user:password@mail.example.com/INBOX',
  ).optional(),
  SOFT_BOUNCES: z.coerce.number().int().min(1).max(1000).default(5),
  SOFT_BOUNCE_DAYS: z.coerce.number().int().min(1).max(60).default(14),
  SOFT_BOUNCE_REST_DAYS: z.coerce.number().int().min(1).max(3650).default(60),
  RETENTION_PENDING_DAYS: retention(30, 3650),
  RETENTION_UNMATCHED_FEEDBACK_DAYS: retention(90, 3650),
  RETENTION_ENGAGEMENT_MONTHS: retention(24, 240),
  RETENTION_CONSENT_IP_MONTHS: retention(0, 240),
  RETENTION_ERASED_CONSENT_MONTHS: retention(36, 240),
  RETENTION_LEDGER_MONTHS: retention(36, 240),
  WEBHOOK_SES_TOPICS: z.string().optional(),
  WEBHOOK_POSTMARK_SECRET: hookSecret.optional(),
  WEBHOOK_SENDGRID_KEY: z.base64('is not a verification key such as MFkwEwYHKoZIzj0CAQYI…').optional(),
  WEBHOOK_MAILGUN_KEY: hookSecret.optional(),
  WEBHOOK_SPARKPOST_SECRET: hookSecret.optional(),
  WEBHOOK_BREVO_SECRET: hookSecret.optional(),
  ALERT_EMAIL: z
    .string()
    .regex(/^[^@\s]+@[^@\s]+$/, 'is not an address such as admin@example.com')
    .optional(),
  ALERT_WEBHOOK: url(['http', 'https'], 'https://chat.example.com/hooks/123').optional(),
  METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  METRICS_HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: z.coerce.number().int().min(1).max(65535).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: url(['http', 'https'], 'http://127.0.0.1:4318').optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .refine(
      (text) => text.split(',').every((each) => /^\s*[\w.-]+=./.test(each)),
      'is written name=value,name=value',
    )
    .optional(),
  OTEL_SERVICE_NAME: z.string().max(100).default('broadsheet'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OIDC_ISSUER: url(['https', 'http'], 'https://login.example.com').optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_NAME: z.string().max(60).optional(),
  OIDC_SCOPES: z
    .string()
    .regex(/(^|\s)openid(\s|$)/, 'has openid among its scopes')
    .default('openid email profile'),
  OIDC_ALLOWED_DOMAINS: z.string().optional(),
  OIDC_NEW_USERS: z.enum(['viewer', 'editor', 'admin'], 'is viewer, editor or admin').default('viewer'),
  OIDC_ROLE_CLAIM: z.string().optional(),
  ALLOW_PRIVATE_NETWORK: flag.default(false),
  EMBEDDINGS: onOff.default(true),
  IMAGES: z.enum(['keep', 'link', 'none'], 'is keep, link or none').default('keep'),
  IMAGES_BUCKET: url(['http', 'https'], 'https://s3.eu-central-1.amazonaws.com/my-bucket').optional(),
  IMAGES_BUCKET_KEY: z
    .string()
    .regex(/^[^:]+:.+$/, 'is written ID:SECRET')
    .optional(),
  IMAGES_BUCKET_REGION: z.string().default('us-east-1'),
  IMAGES_URL: url(['http', 'https'], 'https://images.example.com').optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).optional(),
});

/** Broadsheet's settings, checked. */
export interface Config {
  /** A Postgres to use instead of the embedded one. */
  databaseUrl: string | undefined;
  /** Brings the schema up to date at the start; off: says what is missing, and ends. */
  migrate: boolean;
  /** Where the embedded Postgres and other local state live; an absolute path. */
  home: string;
  /** What this installation is called, such as "production": a copy that is called otherwise sends nothing. */
  installationName: string | undefined;
  /** Where mail goes. Undefined: the embedded inbox catches everything. */
  smtpUrl: string | undefined;
  /** Connections kept open to the SMTP server by one process. */
  smtpConnections: number;
  /** After so many a connection is closed and another opened. Undefined: it stays. */
  smtpMessagesPerConnection: number | undefined;
  /** Messages a second and a day through SMTP_URL, of all processes together. Undefined: as many as it takes. */
  smtpPerSecond: number | undefined;
  smtpPerDay: number | undefined;
  /** A worker that says nothing for so long has died: others take over what it held. */
  leaseSeconds: number;
  /** The first wait after a mail server took nothing; it doubles with each further try. */
  routeRetryMs: number;
  /** A mail server that took nothing for so long is down: what goes by it is paused. */
  routeDownSeconds: number;
  /** The address under which readers reach this server, without a slash at the end. */
  publicUrl: string;
  host: string;
  port: number;
  /** So long a process that is asked to end waits for what is out; then it ends anyway. */
  stopSeconds: number;
  /** Proxies whose X-Forwarded-For is believed: addresses or networks. Undefined: those in private networks. */
  trustedProxies: string[] | undefined;
  /** Signs links. Undefined: one is made and kept in the database. */
  secret: string | undefined;
  /** Bearer token that `/api` takes for everything. Undefined: without a token of `broadsheet tokens` it answers to this machine only. */
  apiToken: string | undefined;
  /** Calls that one token may make in a minute, of all processes together. */
  apiPerMinute: number;
  /** Where bounces go; a plus-tag names the delivery (bounces+TAG@example.com). Undefined: the sender. */
  returnPath: string | undefined;
  /** Where `serve` and `worker` listen for bounces. Undefined: they do not. */
  bounceSmtp: { host: string; port: number } | undefined;
  /** A mailbox that bounces are fetched from: an IMAP or POP3 server, or a Maildir. */
  bounceMailbox: string | undefined;
  /** So many editions that bounced softly within so many days stop mail to an address, for so many days. */
  softBounces: { count: number; days: number; restDays: number };
  /** For how long what is known of people is kept; 0: for ever. */
  retention: Retention;
  /** How posts of mail providers are recognised. A provider without a setting has no webhook. */
  webhooks: Webhooks;
  /** Who is told when something needs a person, by mail and by a POST. Undefined: nobody beside the log. */
  alertEmail: string | undefined;
  alertWebhook: string | undefined;
  /** Bearer token of `/metrics`. Undefined: it answers to this machine only. */
  metricsToken: string | undefined;
  /** Where `worker` serves `/metrics` and `/health`. Undefined: nowhere. */
  metricsAt: { host: string; port: number } | undefined;
  /** Where traces go by OTLP over HTTP, with which headers, called what, and what share of them (0 to 1). Undefined: nowhere. */
  traces: { endpoint: string; headers: Record<string, string>; service: string; share: number } | undefined;
  /** Where users of the desk may log in beside their own password or a mailed link. Undefined: nowhere else. */
  oidc: OidcSettings | undefined;
  /** Lets sources and images be fetched from private, loopback and link-local addresses. */
  allowPrivateNetwork: boolean;
  /** Compares stories by what they mean too, with a model that runs here; off: by their words alone. */
  embeddings: boolean;
  /** Stories' images are fetched and kept, or mail refers to where they lie, or shows none. */
  images: 'keep' | 'link' | 'none';
  /** An S3-compatible bucket to keep images in. Undefined: the database. */
  bucket:
    | { url: string; publicUrl: string; accessKeyId: string; secretAccessKey: string; region: string }
    | undefined;
  /** Undefined: `serve` and `worker` log what they do, other commands only what goes wrong beside them. */
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined;
}

/** An OpenID provider, and whom it may let in. */
export interface OidcSettings {
  issuer: string;
  clientId: string;
  /** Undefined: a public client, which is known by PKCE alone. */
  clientSecret: string | undefined;
  /** What the button calls it. */
  name: string;
  scopes: string;
  /** Whoever has an address in one of these becomes a user with their first login. In lower case. */
  allowedDomains: string[];
  /** As what they do, where no claim says it. */
  newUsers: 'viewer' | 'editor' | 'admin';
  /** The claim that holds the role, with each login. Undefined: roles are given here. */
  roleClaim: string | undefined;
}

/** For how long each is kept; 0: for ever. */
export interface Retention {
  /** Subscriptions that nobody has confirmed. */
  pendingDays: number;
  /** What came back and names no delivery of ours. */
  unmatchedFeedbackDays: number;
  /** Who opened and clicked what; how often each link was followed stays. */
  engagementMonths: number;
  /** The addresses of machines in the consent log. */
  consentIpMonths: number;
  /** The consent log of people who were erased. */
  erasedConsentMonths: number;
  /** Who got which edition. */
  ledgerMonths: number;
}

/** What each provider's posts must bring. */
export interface Webhooks {
  /** The SNS topics (ARNs) whose notifications of Amazon SES are taken. */
  sesTopics: string[];
  postmark: string | undefined;
  /** SendGrid's public key: base64 of its DER. */
  sendgrid: string | undefined;
  /** The key that Mailgun signs with. */
  mailgun: string | undefined;
  sparkpost: string | undefined;
  brevo: string | undefined;
}

function bucketFrom(env: z.infer<typeof environmentSchema>): Config['bucket'] {
  if (!env.IMAGES_BUCKET) return undefined;
  const [accessKeyId, ...secret] = (env.IMAGES_BUCKET_KEY ?? '').split(':');
  if (!accessKeyId) return undefined;
  const url = env.IMAGES_BUCKET.replace(/\/+$/, '');
  return {
    url,
    publicUrl: (env.IMAGES_URL ?? url).replace(/\/+$/, ''),
    accessKeyId,
    secretAccessKey: secret.join(':'),
    region: env.IMAGES_BUCKET_REGION,
  };
}

function tracesFrom(env: z.infer<typeof environmentSchema>): Config['traces'] {
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT) return undefined;
  const headers = (env.OTEL_EXPORTER_OTLP_HEADERS ?? '').split(',').filter(Boolean);
  return {
    endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/+$/, ''),
    headers: Object.fromEntries(
      headers.map((each) => {
        const at = each.indexOf('=');
        return [each.slice(0, at).trim(), decodeURIComponent(each.slice(at + 1).trim())];
      }),
    ),
    service: env.OTEL_SERVICE_NAME,
    share: env.OTEL_TRACES_SAMPLER_ARG,
  };
}

function oidcFrom(env: z.infer<typeof environmentSchema>): OidcSettings | undefined {
  if (!env.OIDC_ISSUER || !env.OIDC_CLIENT_ID) return undefined;
  return {
    issuer: env.OIDC_ISSUER,
    clientId: env.OIDC_CLIENT_ID,
    clientSecret: env.OIDC_CLIENT_SECRET,
    name: env.OIDC_NAME ?? new URL(env.OIDC_ISSUER).hostname,
    scopes: env.OIDC_SCOPES,
    allowedDomains: (env.OIDC_ALLOWED_DOMAINS ?? '')
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean),
    newUsers: env.OIDC_NEW_USERS,
    roleClaim: env.OIDC_ROLE_CLAIM,
  };
}

/** What was set, and where. */
export interface GivenSettings {
  /** Without what is empty. */
  given: Record<string, string>;
  /** What .env holds, whether or not the environment says otherwise. */
  fromFile: Record<string, string>;
  /** Path of the .env file, whether or not there is one. */
  file: string;
  /** The files that values were read from, as `NAME_FILE` says; by their setting. */
  secretFiles: Record<string, string>;
  /** What such a file has against it; by its setting. */
  unread: Record<string, string>;
}

/**
 * Reads an environment and the `.env` file of a folder, unchecked; the environment wins. Any setting may stand in a file of its
 * own, as secrets of Docker and Kubernetes do: `SMTP_URL_FILE=/run/secrets/smtp`; a line break at its end is none of it.
 */
export function readSettings(
  environment: NodeJS.ProcessEnv = process.env,
  workingFolder: string = process.cwd(),
): GivenSettings {
  const file = resolve(workingFolder, '.env');
  const fromFile = existsSync(file) ? (parseEnv(readFileSync(file, 'utf8')) as Record<string, string>) : {};
  const given = Object.fromEntries(
    Object.entries({ ...fromFile, ...environment }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
    ),
  );
  const secretFiles: Record<string, string> = {};
  const unread: Record<string, string> = {};
  for (const [name, path] of Object.entries(given)) {
    const setting = name.replace(/_FILE$/, '');
    if (setting === name || !Object.hasOwn(environmentSchema.shape, setting)) continue;
    delete given[name];
    if (given[setting] !== undefined) {
      unread[name] = `is set, and ${setting} too: only one of them can be meant`;
      continue;
    }
    try {
      given[setting] = readFileSync(resolve(workingFolder, path), 'utf8').replace(/\r?\n$/, '');
      secretFiles[setting] = path;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      unread[name] =
        `names a file that cannot be read: ${path} (${code === 'ENOENT' ? 'there is none' : (code ?? messageOf(error))})`;
    }
  }
  return { given, fromFile, file, secretFiles, unread };
}

/** What is wrong with settings, each with the setting. */
export function mistakesOf({
  given,
  unread,
}: Pick<GivenSettings, 'given' | 'unread'>): [setting: string, message: string][] {
  const mistakes: [string, string][] = Object.entries(unread);
  const { error } = environmentSchema.safeParse(given);
  for (const { path, message } of error?.issues ?? []) mistakes.push([path.join('.'), message]);
  if (given.IMAGES_BUCKET && !given.IMAGES_BUCKET_KEY)
    mistakes.push(['IMAGES_BUCKET', 'needs IMAGES_BUCKET_KEY, written ID:SECRET']);
  if (given.OIDC_ISSUER && !given.OIDC_CLIENT_ID)
    mistakes.push(['OIDC_ISSUER', 'needs OIDC_CLIENT_ID, and OIDC_CLIENT_SECRET if the provider gave one']);
  return mistakes;
}

/**
 * Reads settings from an environment and a `.env` file in the working folder (the environment wins).
 * @throws UserError naming every setting that is wrong, all at once
 */
export function loadConfig(
  environment: NodeJS.ProcessEnv = process.env,
  workingFolder: string = process.cwd(),
): Config {
  const settings = readSettings(environment, workingFolder);
  const mistakes = mistakesOf(settings);
  if (mistakes.length > 0)
    throw new UserError(
      `These settings are wrong:\n${mistakes.map(([setting, message]) => `  ${setting}: ${message}`).join('\n')}`,
      {
        code: 'config',
        hint: 'Correct them in the environment or in .env; .env.example explains each.',
      },
    );
  const env = environmentSchema.parse(settings.given);
  return {
    databaseUrl: env.DATABASE_URL,
    migrate: env.MIGRATE,
    home: resolve(workingFolder, env.BROADSHEET_HOME ?? '.broadsheet'),
    installationName: env.INSTALLATION_NAME,
    smtpUrl: env.SMTP_URL,
    smtpConnections: env.SMTP_CONNECTIONS,
    smtpMessagesPerConnection: env.SMTP_MESSAGES_PER_CONNECTION,
    smtpPerSecond: env.SMTP_PER_SECOND,
    smtpPerDay: env.SMTP_PER_DAY,
    leaseSeconds: env.LEASE_SECONDS,
    routeRetryMs: env.ROUTE_RETRY_MS,
    routeDownSeconds: env.ROUTE_DOWN_SECONDS,
    publicUrl: (env.PUBLIC_URL ?? `http://localhost:${env.PORT}`).replace(/\/+$/, ''),
    host: env.HOST,
    port: env.PORT,
    stopSeconds: env.STOP_SECONDS,
    trustedProxies: env.TRUSTED_PROXIES === undefined ? undefined : networksIn(env.TRUSTED_PROXIES),
    secret: env.BROADSHEET_SECRET,
    apiToken: env.API_TOKEN,
    apiPerMinute: env.API_PER_MINUTE,
    returnPath: env.RETURN_PATH,
    bounceSmtp: env.BOUNCE_SMTP_PORT ? { host: env.BOUNCE_SMTP_HOST, port: env.BOUNCE_SMTP_PORT } : undefined,
    bounceMailbox: env.BOUNCE_MAILBOX,
    softBounces: {
      count: env.SOFT_BOUNCES,
      days: env.SOFT_BOUNCE_DAYS,
      restDays: env.SOFT_BOUNCE_REST_DAYS,
    },
    retention: {
      pendingDays: env.RETENTION_PENDING_DAYS,
      unmatchedFeedbackDays: env.RETENTION_UNMATCHED_FEEDBACK_DAYS,
      engagementMonths: env.RETENTION_ENGAGEMENT_MONTHS,
      consentIpMonths: env.RETENTION_CONSENT_IP_MONTHS,
      erasedConsentMonths: env.RETENTION_ERASED_CONSENT_MONTHS,
      ledgerMonths: env.RETENTION_LEDGER_MONTHS,
    },
    webhooks: {
      sesTopics: (env.WEBHOOK_SES_TOPICS ?? '').split(/[\s,]+/).filter(Boolean),
      postmark: env.WEBHOOK_POSTMARK_SECRET,
      sendgrid: env.WEBHOOK_SENDGRID_KEY,
      mailgun: env.WEBHOOK_MAILGUN_KEY,
      sparkpost: env.WEBHOOK_SPARKPOST_SECRET,
      brevo: env.WEBHOOK_BREVO_SECRET,
    },
    alertEmail: env.ALERT_EMAIL,
    alertWebhook: env.ALERT_WEBHOOK,
    metricsToken: env.METRICS_TOKEN,
    metricsAt: env.METRICS_PORT ? { host: env.METRICS_HOST, port: env.METRICS_PORT } : undefined,
    traces: tracesFrom(env),
    oidc: oidcFrom(env),
    allowPrivateNetwork: env.ALLOW_PRIVATE_NETWORK,
    embeddings: env.EMBEDDINGS,
    images: env.IMAGES,
    bucket: bucketFrom(env),
    logLevel: env.LOG_LEVEL,
  };
}
