import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { createInterface } from 'node:readline';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { createLinkSigner } from '../../src/links.ts';
import { packageRoot } from '../../src/package-root.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { program } from '../support/program.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

const readers = 400;

/** `broadsheet serve` in a process of its own. */
async function serve(context: TestContext) {
  const child = spawn(process.execPath, [...program, 'serve', '--no-worker', '--port', '0', '--json'], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', ...context.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  for await (const line of createInterface(child.stdout)) {
    const { url } = JSON.parse(line) as { url: string };
    return { url, child, ended };
  }
  throw new Error('The server did not start.');
}

async function planned() {
  const context = await createTestContext({ embeddings: false });
  const { listId, subscriberIds } = await seedList(context, readers);
  const newsletter = await seedNewsletter(context, [listId], { tracking: { opens: true } });
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  const signer = createLinkSigner(String(context.environment.BROADSHEET_SECRET));
  const paths = subscriberIds.flatMap((id) => {
    const token = signer.sign('click', [id, editionId]);
    return [`/c/${token}/1`, `/o/${token}.gif`];
  });
  return { context, paths };
}

/** Asks without a pause on connections that are kept, until the server takes no more. */
function load(url: string, paths: string[]) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  let answered = 0;
  let next = 0;
  const ask = () =>
    new Promise<boolean>((resolve) => {
      const request = get(
        url + paths[next++ % paths.length],
        {
          agent,
          headers: { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' },
        },
        (response) => {
          response.resume().on('end', () => {
            if (response.statusCode === 302 || response.statusCode === 200) answered++;
            resolve(true);
          });
          response.on('error', () => resolve(false));
        },
      );
      request.on('error', () => resolve(false));
    });
  const done = Promise.all(
    Array.from({ length: 32 }, async () => {
      while (await ask());
    }),
  ).then(() => agent.destroy());
  return { done, answered: () => answered };
}

const counted = async (context: TestContext) => {
  const { rows } = await sql<{ times: number }>`
    select coalesce(sum(times), 0)::integer as times from engagement`.execute(context.db);
  return rows[0]?.times ?? 0;
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a server that is stopped under load has written every click and opening that it answered', async () => {
  const { context, paths } = await planned();
  const { url, child, ended } = await serve(context);
  const clients = load(url, paths);
  await until(() => clients.answered() > 1_500);
  child.kill('SIGTERM');
  const [code] = await ended;
  await clients.done;
  expect(code).toBe(0);
  const times = await counted(context);
  expect(clients.answered()).toBeGreaterThan(1_500);
  // What was written to a connection that its client never read to the end may come on top.
  expect(times).toBeGreaterThanOrEqual(clients.answered());
  expect(times - clients.answered()).toBeLessThanOrEqual(32);
});

test('a server that is killed loses what half a second brought, and nothing older', async () => {
  const { context, paths } = await planned();
  const { url, child, ended } = await serve(context);
  const clients = load(url, paths);
  await until(() => clients.answered() > 500);
  // All that has been answered by now is written before long.
  const before = clients.answered();
  const asked = performance.now();
  while ((await counted(context)) < before) await new Promise((resolve) => setTimeout(resolve, 20));
  const waited = performance.now() - asked;
  child.kill('SIGKILL');
  await ended;
  await clients.done;
  expect(await counted(context)).toBeGreaterThanOrEqual(before);
  // Half a second, and what the write itself takes on a busy machine.
  expect(waited).toBeLessThan(5_000);
});
