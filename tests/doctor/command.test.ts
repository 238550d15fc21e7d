import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createNewsletter } from '../../src/editions/newsletters.ts';
import { createTestContext } from '../support/context.ts';
import { startDns } from '../support/dns-server.ts';
import { temporaryFolder } from '../support/folder.ts';
import { program } from '../support/program.ts';

test('the command hands its options on, prints a document for scripts, and exits with 1 if something failed', async () => {
  const context = await createTestContext();
  await createNewsletter(context, {
    ...{ slug: 'n', name: 'N', fromAddress: 'n@news.example.com', cron: '0 7 * * *' },
  });
  const { address } = await startDns({ 'news.example.com TXT': ['v=spf1 ip4:93.184.215.14 -all'] });
  const doctor = (...options: string[]) =>
    promisify(execFile)(process.execPath, [...program, 'doctor', ...options], {
      cwd: temporaryFolder('doctor'),
      env: { PATH: process.env.PATH, HOME: context.environment.BROADSHEET_HOME, ...context.environment },
      timeout: 30_000,
    }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }) => ({ code, stdout }),
    );
  const [asked, well] = await Promise.all([
    doctor('--only', 'dns', '--dns', address, '--ip', '93.184.215.14', '2001:db8::7', '--json'),
    doctor('--only', 'clock'),
  ]);
  const { healthy, findings } = JSON.parse(asked.stdout);
  expect([asked.code, healthy]).toEqual([1, false]);
  expect(findings).toContainEqual({
    ...{ check: 'SPF', status: 'ok', says: 'news.example.com lets 93.184.215.14 write in its name' },
  });
  expect(findings).toContainEqual({
    ...{ check: 'SPF', status: 'failed' },
    says: 'news.example.com does not let 2001:db8::7 write in its name (fail)',
    mend: 'Put ip6:2001:db8::7 into its SPF record.',
  });
  expect(well).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/ok .*clock: .*\n\nAll is well\.\n$/),
  });
});
