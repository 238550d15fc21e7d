import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../demo/free-port.ts';
import { readers } from '../../demo/readers.ts';
import { createLoginLink } from '../../src/access/login-links.ts';
import { createUser } from '../../src/access/users.ts';
import { getEdition, storiesOf } from '../../src/editions/editions.ts';
import { packageRoot } from '../../src/package-root.ts';
import { launchBrowser } from '../support/browser.ts';
import { createTestContext } from '../support/context.ts';
import { program } from '../support/program.ts';
import { layOut } from './laid-out.ts';

/** The program itself, with web pages and background work. @returns where it serves */
async function serve(environment: Record<string, string>, port: number): Promise<void> {
  const child = spawn(process.execPath, [...program, 'serve', '--port', String(port), '--json'], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'silent', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  });
  await once(child.stdout, 'data');
}

const patient = { timeout: 20_000, interval: 100 };

test('an editor’s whole morning: from the link in the mail to the report', { timeout: 180_000 }, async () => {
  const context = await createTestContext({ embeddings: false }, new Date().toISOString());
  const editionId = await layOut(context);
  const port = await freePort(8700);
  const url = `http://localhost:${port}`;
  context.config.publicUrl = url;
  const user = await createUser(context, { email: 'mara@example.com', name: 'Mara Lind', role: 'editor' });
  const link = await createLoginLink(context, user.id, { how: 'cli' });
  await serve({ ...context.environment, PUBLIC_URL: url, EMBEDDINGS: 'off' }, port);

  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const wrong: string[] = [];
  page.on('pageerror', ({ message }) => wrong.push(message));
  page.on('console', (line) => {
    if (line.type() === 'error') wrong.push(line.text());
  });

  // In by the link, which asks once more, so that a scanner's look at it is no log-in.
  await page.goto(link);
  await page.getByRole('button').first().click();
  await page.waitForURL(`${url}/desk`);
  await page.getByText('1 edition waits for you.').waitFor();

  // The edition is there already: the headline changes, a story goes up, a note comes in, one mistake is taken back.
  await page.locator(`a[href^="/desk/editions/${editionId}"]`).first().click();
  // Not until the preview has loaded, which takes as long as a theme does.
  await page.waitForURL(/\/desk\/editions\/\d+/, { waitUntil: 'commit' });
  if (page.url().endsWith('/send')) await page.goto(`${url}/desk/editions/${editionId}`);
  const [, second, third] = await storiesOf(context, editionId);
  await page.locator('#subject').fill('The light on Skerry Point, and a storm');
  await expect
    .poll(async () => (await getEdition(context, editionId)).subject, patient)
    .toContain('Skerry Point');
  await page.locator(`#story-${third?.key}`).hover();
  await page.locator(`#up-${third?.key}`).click();
  await expect.poll(async () => (await storiesOf(context, editionId))[1]?.key, patient).toBe(third?.key);
  await page.locator(`#story-${second?.key}`).hover();
  await page.locator(`#up-${second?.key}`).click();
  await expect.poll(async () => (await storiesOf(context, editionId))[1]?.key, patient).toBe(second?.key);
  await page.locator('#undo:enabled').click();
  await expect.poll(async () => (await storiesOf(context, editionId))[1]?.key, patient).toBe(third?.key);
  await page.locator(`#title-${third?.key}`).click();
  await page.locator('#story-title').fill('Edited at the desk <b>& shown as written</b>');
  await page.keyboard.press('Tab');
  await expect
    .poll(async () => (await storiesOf(context, editionId))[1]?.title, patient)
    .toContain('Edited at the desk');

  // The preview follows.
  const previewed = async () => {
    const texts = await Promise.all(
      page.frames().map((frame) =>
        frame
          .locator('body')
          .innerText()
          .catch(() => ''),
      ),
    );
    return texts.join('\n');
  };
  await expect.poll(previewed, patient).toContain('<b>& shown as written</b>');

  // The sheet says who gets it and when; sent now, with ten seconds to take it back, and not taken back.
  await page.goto(`${url}/desk/editions/${editionId}/send`);
  await page.getByText(`${readers.length} readers`).first().waitFor();
  await page.getByRole('radio', { name: /^Now/ }).check();
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect.poll(async () => (await getEdition(context, editionId)).state, patient).toBe('approved');
  await expect
    .poll(async () => (await getEdition(context, editionId)).state, { timeout: 60_000, interval: 250 })
    .toBe('sent');

  const mails = await context.db.selectFrom('inbox_messages').select(['subject', 'rcpt_to']).execute();
  const digests = mails.filter(({ subject }) => subject?.includes('Skerry Point'));
  expect(new Set(digests.map(({ rcpt_to }) => String(rcpt_to))).size).toBe(readers.length);
  expect(digests).toHaveLength(readers.length);

  await page.goto(`${url}/desk/reports/editions/${editionId}`);
  await page.getByText('Delivered').first().waitFor();
  await expect.poll(() => page.locator('main').innerText(), patient).toContain(String(readers.length));
  await glance(page, url);
  expect(wrong).toEqual([]);
});

/** Every page of the rail opens, on a phone too, and none is wider than the window. */
async function glance(page: Page, url: string): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of [
    '',
    '/editions',
    '/stories',
    '/storylines',
    '/sources',
    '/reports',
    '/newsletters',
    '/account',
  ]) {
    const answer = await page.goto(`${url}/desk${path}`);
    expect(answer?.status(), path).toBe(200);
    const over = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    expect(over, `${path} is too wide`).toBeLessThanOrEqual(0);
  }
}
