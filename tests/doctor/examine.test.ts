import { expect, test } from 'vitest';
import { ManualClock, systemClock } from '../../src/clock.ts';
import { createRoute } from '../../src/delivery/routes.ts';
import { checkClock } from '../../src/doctor/database.ts';
import { examine } from '../../src/doctor/examine.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { checkDisk, checkPublicUrl } from '../../src/doctor/machine.ts';
import { createTestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startSmtp } from '../support/smtp.ts';

const look = (environment: Record<string, string>) =>
  examine(systemClock, environment, temporaryFolder('doctor'));
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
      says: expect.stringMatching(/^route closed: .*ECONNREFUSED/),
    }),
    expect.objectContaining({
      status: 'ok',
      says: expect.stringMatching(/^route good: .*takes mail from us/),
    }),
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
  for (const check of ['disk', 'mail', 'public address', 'secrets'])
    expect(of(findings, check), check).not.toEqual([]);
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
