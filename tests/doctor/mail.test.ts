import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { checkMail } from '../../src/doctor/mail.ts';

test('where every route is switched off no mail goes out, by SMTP_URL neither', async () => {
  const config = loadConfig({ SMTP_URL: 'smtp://127.0.0.1:1' }, '/tmp');
  const [only, ...more] = await checkMail(
    [{ name: 'main', url: 'smtp://127.0.0.1:1', active: false }],
    config,
  );
  expect(more).toEqual([]);
  expect(only).toMatchObject({ status: 'failed' });
  expect(JSON.stringify(only)).toContain('routes edit main --active on');
});
