import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { environmentSchema, loadConfig, readSettings } from '../src/config.ts';
import { listSettings, settingProblems } from '../src/settings.ts';
import { temporaryFolder } from './support/folder.ts';

const given = (environment: Record<string, string>, file = '') => {
  const folder = temporaryFolder('settings');
  if (file) writeFileSync(join(folder, '.env'), file, { mode: 0o600 });
  return readSettings(environment, folder);
};

test('each setting is told with its value and where that comes from', () => {
  const settings = listSettings(
    given({ PORT: '9000', HOST: '' }, 'PORT=8000\nPUBLIC_URL=https://news.example.com\nHOST=0.0.0.0\n'),
  );
  const one = (name: string) => settings.find((setting) => setting.name === name);
  expect(settings.map(({ name }) => name)).toEqual(Object.keys(environmentSchema.shape));
  expect(one('PORT')).toMatchObject({ value: '9000', origin: 'environment' });
  expect(one('PUBLIC_URL')).toMatchObject({ value: 'https://news.example.com', origin: '.env' });
  // An empty variable of the environment takes away what .env says.
  expect(one('HOST')).toMatchObject({ value: '127.0.0.1', origin: 'default' });
  expect(one('SMTP_URL')).toMatchObject({ value: null, origin: 'not set' });
  expect(one('SMTP_CONNECTIONS')).toMatchObject({ value: '8', origin: 'default' });
});

test('every setting is explained in .env.example', () => {
  const unexplained = listSettings(given({})).filter(({ about }) => about === '');
  expect(unexplained.map(({ name }) => name)).toEqual([]);
});

test('no secret is shown, in whatever setting it stands', () => {
  const word = 'hidden-word-0123456789-abcdefghijklm';
  const url = (scheme: string) => `${scheme}://user:${word}@host.example.com:99/path`;
  const settings = listSettings(
    given({
      DATABASE_URL: url('postgres'),
      SMTP_URL: `${url('smtps')}?clientSecret=${word}`,
      BOUNCE_MAILBOX: url('imaps'),
      BROADSHEET_SECRET: word,
      API_TOKEN: word,
      ALERT_WEBHOOK: `https://chat.example.com/hooks/${word}`,
      IMAGES_BUCKET: url('https'),
      IMAGES_BUCKET_KEY: `id:${word}`,
      WEBHOOK_POSTMARK_SECRET: word,
      WEBHOOK_MAILGUN_KEY: word,
    }),
  );
  expect(JSON.stringify(settings)).not.toContain(word);
  const value = (name: string) => settings.find((setting) => setting.name === name)?.value;
  expect(value('DATABASE_URL')).toBe('postgres://user:(hidden)@host.example.com:99/path');
  expect(value('ALERT_WEBHOOK')).toBe('https://chat.example.com/(hidden)');
  expect(value('API_TOKEN')).toBe('(hidden)');
});

test('slips in the environment are told as those in .env are, and what is not for us is left alone', () => {
  const settings = given(
    {
      ...{ SMTP_URI: 'smtp://mail.example.com', DATABASE_ULR_FILE: '/run/secrets/database-url' },
      ...{ PATH: '/bin', HOSTS: 'a', HOSTNAME: 'b', PUBLIC_URL: 'https://news.example.com' },
    },
    '',
  );
  expect(settingProblems(settings).map(({ setting, message }) => `${setting} ${message}`)).toEqual([
    'SMTP_URI is no setting of Broadsheet; is SMTP_URL meant?',
    'DATABASE_ULR_FILE is no setting of Broadsheet; is DATABASE_URL_FILE meant?',
  ]);
});

test('all mistakes are told at once, and slips beside them', () => {
  const settings = given(
    { PORT: 'many', BROADSHEET_SECRET: 'short', IMAGES_BUCKET: 'https://s3.example.com/b', IMAGES: 'none' },
    'SMTP_ULR=smtp://mail.example.com\nBOUNCE_SMTP_PORT=2525\nUNRELATED_THING=1\n',
  );
  const problems = settingProblems(settings);
  expect(problems.filter(({ severity }) => severity === 'error').map(({ setting }) => setting)).toEqual([
    ...['PORT', 'BROADSHEET_SECRET', 'IMAGES_BUCKET'],
  ]);
  expect(problems.filter(({ severity }) => severity === 'warning')).toEqual([
    expect.objectContaining({ message: 'is no setting of Broadsheet; is SMTP_URL meant?' }),
    expect.objectContaining({ setting: 'UNRELATED_THING', message: 'is no setting of Broadsheet' }),
    expect.objectContaining({ setting: 'RETURN_PATH' }),
    expect.objectContaining({ setting: 'IMAGES_BUCKET' }),
  ]);
  expect(listSettings(settings).find(({ name }) => name === 'PORT')?.mistake).toBeTruthy();
});

test('secrets in a file that all can read are warned of', () => {
  const settings = given({}, 'API_TOKEN=0123456789abcdef\n');
  expect(settingProblems(settings)).toEqual([]);
  chmodSync(settings.file, 0o644);
  expect(settingProblems(settings)).toEqual([
    expect.objectContaining({ setting: '.env', severity: 'warning' }),
  ]);
});

test('a setting may stand in a file of its own, and what is wrong with that is told with all the rest', () => {
  const folder = temporaryFolder('secrets');
  const secret = 'a-secret-that-is-long-enough-for-it';
  writeFileSync(join(folder, 'secret'), `${secret}\n`);
  const read = readSettings(
    { BROADSHEET_SECRET_FILE: 'secret', API_TOKEN_FILE: join(folder, 'secret') },
    folder,
  );
  expect(read.given).toEqual({ BROADSHEET_SECRET: secret, API_TOKEN: secret });
  expect(loadConfig({ BROADSHEET_SECRET_FILE: 'secret' }, folder).secret).toBe(secret);
  const shown = listSettings(read).find(({ name }) => name === 'BROADSHEET_SECRET');
  expect(shown).toMatchObject({ value: '(hidden)', origin: 'secret' });

  const wrong = {
    SMTP_URL: 'smtp://mail.example.com',
    SMTP_URL_FILE: 'secret',
    DATABASE_URL_FILE: 'nowhere',
    OIDC_ISSUER: 'https://login.example.com',
    PORT: 'many',
  };
  expect(() => loadConfig(wrong, folder)).toThrow(
    /SMTP_URL_FILE: is set, and SMTP_URL too[\s\S]*DATABASE_URL_FILE: names a file that cannot be read: nowhere \(there is none\)[\s\S]*PORT: [\s\S]*OIDC_ISSUER: needs OIDC_CLIENT_ID/,
  );
});
