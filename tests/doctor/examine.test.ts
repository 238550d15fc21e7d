import { expect, test } from 'vitest';
import { partNames } from '../../src/cli/doctor.ts';
import { ManualClock, systemClock } from '../../src/clock.ts';
import { hold } from '../../src/db/installation.ts';
import { createDkimKey } from '../../src/delivery/dkim-keys.ts';
import { createRoute } from '../../src/delivery/routes.ts';
import { checkClock, checkWebClock } from '../../src/doctor/clock.ts';
import { examine } from '../../src/doctor/examine.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { type ExamineOptions, parts } from '../../src/doctor/look.ts';
import { checkDisk, checkPublicUrl } from '../../src/doctor/machine.ts';
import { createNewsletter } from '../../src/editions/newsletters.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { startDns } from '../support/dns-server.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startScripted } from '../support/scripted-smtp.ts';
import { startSmtp, startSocketServer } from '../support/smtp.ts';

const look = async (environment: Record<string, string>, options: ExamineOptions = {}) =>
  (await examine(systemClock, environment, temporaryFolder('doctor'), options)).findings;
const newsletter = (context: TestContext, fromAddress: string) =>
  createNewsletter(context, { slug: 'morning', name: 'Morning', fromAddress, cron: '0 7 * * *' });
const of = (findings: Finding[], check: string) => findings.filter((finding) => finding.check === check);

test('a new installation works, and is told that its mail stays here', async () => {
  const { environment } = await createTestContext();
  const findings = await look(environment);
  expect(findings.filter(({ status }) => status === 'failed')).toEqual([]);
  expect(of(findings, 'database')).toEqual([
    expect.objectContaining({ says: expect.stringMatching(/^Postgres 1[4-9]/) }),
  ]);
  expect(of(findings, 'schema')).toEqual([{ check: 'schema', status: 'ok', says: 'up to date' }]);
  expect(of(findings, 'clock')).toEqual([expect.objectContaining({ status: 'ok' })]);
  expect(of(findings, 'mail')).toEqual([expect.objectContaining({ status: 'warning' })]);
  for (const check of ['connections', 'transactions', 'bloat', 'extensions', 'partitions'])
    expect(of(findings, check), check).toEqual([expect.objectContaining({ status: 'ok' })]);
  // Of the home folder, and of Postgres' own.
  expect(of(findings, 'disk')).toHaveLength(2);
  // Nobody's domain is asked about, and nobody's rules are broken, before mail leaves.
  for (const check of ['DNS', 'bulk senders'])
    expect(of(findings, check), check).toEqual([expect.objectContaining({ status: 'unknown' })]);
  // As long as nothing leaves, an address of this machine does no harm.
  expect(of(findings, 'public address')).toEqual([expect.objectContaining({ status: 'warning' })]);
});

test('each route is tried, and one that refuses us fails in its server’s words', async () => {
  const context = await createTestContext();
  const smtp = await startSmtp();
  await createRoute(context, 'good', { url: smtp.url });
  await createRoute(context, 'closed', { url: 'smtp://127.0.0.1:1' });
  await createRoute(context, 'unused', { url: 'smtp://127.0.0.1:2', active: false });
  const findings = await look(context.environment);
  expect(of(findings, 'mail')).toEqual([
    expect.objectContaining({
      status: 'failed',
      says: expect.stringMatching(/^route closed: 127\.0\.0\.1:1: .*ECONNREFUSED/),
    }),
    expect.objectContaining({
      status: 'ok',
      says: expect.stringMatching(/^route good: .*takes mail from us/),
    }),
    expect.objectContaining({ status: 'ok', says: expect.stringContaining('alerts go by the routes') }),
  ]);
  expect(of(findings, 'public address')).toEqual([expect.objectContaining({ status: 'failed' })]);
  expect(of(findings, 'bounces')).toEqual([expect.objectContaining({ status: 'warning' })]);
});

test('a database that is away fails, and the other checks are made all the same', async () => {
  const { environment } = await createTestContext();
  const findings = await look({ ...environment, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' });
  expect(of(findings, 'database')).toEqual([
    expect.objectContaining({
      status: 'failed',
      says: expect.stringContaining('127.0.0.1:1/nothing'),
      mend: expect.stringContaining('DATABASE_URL'),
    }),
  ]);
  for (const check of ['disk', 'mail', 'public address', 'secrets', 'DNS', 'bulk senders'])
    expect(of(findings, check), check).not.toEqual([]);
  const sending = {
    ...environment,
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
    SMTP_URL: 'smtp://127.0.0.1:1',
  };
  expect(await look(sending, { only: ['clock', 'dns', 'bulk-senders'] })).toMatchObject(
    ['clock', 'DNS', 'bulk senders'].map((check) => ({
      check,
      status: 'unknown',
      says: 'there is no database to ask',
    })),
  );
});

test('wrong settings are all told, and nothing is tried with them', async () => {
  const findings = await look({ PORT: 'many', SMTP_URL: 'mail.example.com' });
  expect(findings.map(({ check, status }) => `${check} ${status}`)).toEqual([
    ...['settings failed', 'settings failed', 'settings warning'],
  ]);
});

test('a clock that is off is noticed', async () => {
  const { database } = await createTestContext();
  const status = async (seconds: number) =>
    (await checkClock(database.pool, new ManualClock(new Date(Date.now() + seconds * 1000).toISOString())))
      .status;
  expect(await status(0)).toBe('ok');
  expect(await status(10)).toBe('warning');
  expect(await status(-3600)).toBe('failed');
});

test.each([
  ['https://news.example.com', 'ok'],
  ['https://news.example.com/mail', 'ok'],
  ['http://news.example.com', 'warning'],
  ['https://newsserver', 'warning'],
  ['http://localhost:8080', 'failed'],
  ['https://192.168.1.5', 'failed'],
  ['https://news.example.com/?a=1', 'failed'],
])('%s as the public address is %s once mail leaves', (url, status) => {
  expect(checkPublicUrl(url, true).status).toBe(status);
});

test('the room is looked for where the home folder will be', async () => {
  const finding = await checkDisk(`${temporaryFolder('disk')}/not/yet/there`);
  expect(finding).toMatchObject({
    check: 'disk',
    says: expect.stringMatching(/^[\d.,]+ [GM]B are free where .*there is$/),
  });
});

test('a part is looked at alone, with what it stands on, and all parts can be named', async () => {
  expect(partNames).toEqual(parts);
  const context = await createTestContext();
  const smtp = await startSmtp();
  const { address, asked } = await startDns({
    'news.example.com TXT': ['v=spf1 ip4:93.184.215.14 -all'],
    '_dmarc.news.example.com TXT': ['v=DMARC1; p=reject'],
  });
  await createRoute(context, 'main', { url: smtp.url });
  await newsletter(context, 'news@news.example.com');
  const key = await createDkimKey(context, { domain: 'news.example.com', selector: 's1' });
  await context.db.updateTable('dkim_keys').set({ active_since: new Date() }).execute();
  const options: ExamineOptions = { only: ['dns'], dns: address, ips: ['93.184.215.14'] };
  const findings = await look(context.environment, options);
  const names = ['SPF', 'SPF', 'DKIM', 'DMARC', 'alignment', 'MX', 'BIMI', 'PTR'];
  expect(findings.map(({ check }) => check)).toEqual(names);
  expect(of(findings, 'DKIM')[0]).toMatchObject({
    status: 'failed',
    mend: expect.stringContaining(key.record),
  });
  expect(asked).toContain(`${key.recordName} TXT`);

  const rules = await look(context.environment, { ...options, only: ['bulk-senders'] });
  const status = (part: string) => rules.find(({ says }) => says.startsWith(part))?.status;
  expect(status('SPF for the envelope')).toBe('ok');
  expect(status('DKIM signatures')).toBe('failed');
  expect(status('the From domain agrees')).toBe('ok');
  expect(status('sending addresses have names')).toBe('failed');
  expect(status('one-click')).toBe('failed');
  expect(status('the same at Gmail')).toBe('unknown');
  expect(new Set(rules.map(({ check }) => check))).toEqual(new Set(['bulk senders']));
  expect(rules.every(({ from }) => /Gmail|Yahoo|Microsoft/.test(from ?? ''))).toBe(true);
});

test('what hangs is given up in time, and the rest is told', async () => {
  const context = await createTestContext();
  // Takes the connection, and says nothing.
  const silent = await startSocketServer(() => {});
  await createRoute(context, 'silent', { url: silent.url });
  const began = Date.now();
  const { findings, unfinished } = await examine(
    systemClock,
    context.environment,
    temporaryFolder('doctor'),
    {
      only: ['disk', 'mail', 'secrets'],
      limitMs: 400,
    },
  );
  expect(Date.now() - began).toBeLessThan(3_000);
  expect(unfinished).toBe(true);
  expect(of(findings, 'mail')).toEqual([
    expect.objectContaining({ status: 'failed', says: 'did not come to an end within 0.4 s' }),
  ]);
  expect(of(findings, 'disk')).not.toEqual([]);
  expect(of(findings, 'secrets')).not.toEqual([]);

  const mute = { ...context.environment, DATABASE_URL: silent.url.replace('smtp:', 'postgres:') };
  const without = await examine(systemClock, mute, temporaryFolder('doctor'), {
    only: ['settings', 'database'],
    limitMs: 100,
  });
  expect(without.unfinished).toBe(true);
  expect(without.findings.map(({ status }) => status)).toEqual(['ok', 'failed']);
});

test('a database that was never migrated stops no check', async () => {
  const context = await createTestContext();
  await context.database.pool.query('drop schema public cascade; create schema public');
  const findings = await look(context.environment, { only: ['database', 'mail', 'dns', 'bulk-senders'] });
  expect(findings.filter(({ status }) => status === 'failed')).toEqual(
    findings.filter(({ says }) => says.startsWith('one-click') || says.startsWith('addresses that bounce')),
  );
  expect(of(findings, 'schema')[0]?.says).toMatch(/^still to be run: \d+ migrations, from 0001_main_job on$/);
});

test('a copy of which sending is held is told', async () => {
  const context = await createTestContext();
  const installation = async () =>
    of(await look(context.environment, { only: ['database'] }), 'installation');
  expect(await installation()).toMatchObject([{ status: 'ok' }]);
  await hold(context, 'restored', 'news.example.com');
  expect(await installation()).toMatchObject([
    { status: 'failed', mend: expect.stringContaining('broadsheet db adopt') },
  ]);
});

test('what a server or a record says cannot command a terminal', async () => {
  const context = await createTestContext();
  const { url } = await startScripted({ greeting: '554 \u001b[2Jgo\u0007 away\r\n' });
  await createRoute(context, 'evil', { url });
  await newsletter(context, 'news@news.example.com');
  const { address } = await startDns({ 'news.example.com TXT': ['v=spf1 \u001b]0;x\u0007 -all'] });
  const findings = await look(context.environment, { only: ['mail', 'dns'], dns: address });
  expect(of(findings, 'mail')[0]?.says).toContain('away');
  expect(of(findings, 'SPF')).not.toEqual([]);
  expect(findings.map(({ says, mend }) => says + mend).join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});

test('a clock is compared with the public address’s to the second', () => {
  const clock = new ManualClock('2026-11-24T08:00:00.900Z');
  const status = (date: string) => checkWebClock(new Date(date), clock).status;
  expect(status('2026-11-24T08:00:00Z')).toBe('ok');
  expect(status('2026-11-24T08:00:05Z')).toBe('warning');
  expect(status('2026-11-24T07:00:00Z')).toBe('failed');
});
