// The README from its second command on: each is run, and what it prints compared with what the README says of it.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { freePort } from '../../demo/free-port.ts';
import { packageRoot } from '../../src/package-root.ts';
import { missingFrom, stepsOf } from './page.ts';
import { type Running, type Started, start } from './start.ts';

const paper = 'https://www.example.com/feed.xml';
const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');
const data = process.env.WALK_THROUGH_DATA ?? join(packageRoot, '.broadsheet/walk-through');
/** The demo's day is its own. */
const demoData = `${data}-demo`;
const withTests = !process.argv.includes('--without-tests');
const port = await freePort(8080);
const feed = await startPaper();
const settings = { BROADSHEET_HOME: data, PORT: String(port), ALLOW_PRIVATE_NETWORK: 'true' };
const running: Running[] = [];
const written: string[] = [];
let passed = 1; // npm ci
let failed = 0;

/** What the README says in words, instead of printing it below the command. */
const told: Record<string, () => Promise<void>> = {
  'npm run demo': demo,
  'npm test': async () => {
    const { code, printed } = await run('npm test --silent', { shown: true }).ended;
    // A failed test is counted by whoever counts tests; that they ran at all is the README's word.
    if (!/Tests .*\d+ passed/.test(printed)) throw new Error(`npm test ended with ${code} and no summary`);
  },
};
/** Commands in the README's text and tables that end by themselves and take no file. */
const alsoSaid = ['npm run demo -- --once', 'npm run check', 'npm run bench'];

try {
  for (const step of stepsOf(readme)) {
    if (step.kind === 'file') {
      const file = join(packageRoot, step.path);
      if (existsSync(file)) throw new Error(`${step.path} is there already: walk in a fresh clone`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, step.text);
      written.push(file);
    } else if (step.line !== 'npm ci' && (withTests || step.line !== 'npm test'))
      await check(`README.md:${step.at}`, step.line, step.expected);
  }
  for (const line of alsoSaid) {
    if (!readme.includes(`\`${line}\``)) throw new Error(`The README does not speak of "${line}" any more`);
    await check('README.md', line, []);
  }
  await attempt('the inbox of the README, with the mails that were sent', async () => {
    const page = await got(here('http://localhost:8080/inbox'));
    for (const reader of ['ada@example.com', 'ben@example.com'])
      if (!page.includes(reader)) throw new Error(`no mail to ${reader} in it`);
  });
  await attempt('serve ends at Ctrl-C', async () => {
    for (const each of running.splice(0)) await interrupted(each);
  });
} catch (error) {
  failed++;
  console.log(`== FAILED: ${(error as Error).message}`);
} finally {
  for (const each of running) each.interrupt();
  feed.close();
  for (const file of written) rmSync(file, { force: true });
}
console.log(`walk-through: ${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** Runs a command, and compares what it prints with what is expected. */
async function check(where: string, line: string, expected: string[]): Promise<void> {
  await attempt(`${where} ${line}`, async () => {
    const special = told[line];
    if (special) return special();
    const started = run(line, { home: line.startsWith('npm run demo') ? demoData : data });
    // It goes on until Ctrl-C: what it prints is there when the last line is.
    if (line.endsWith(' serve')) {
      running.push(started);
      await started.until(/Stop with Ctrl-C/);
    } else {
      const { code, printed } = await started.ended;
      if (code !== 0) throw new Error(`it ended with ${code}:\n${printed}`);
    }
    const missing = missingFrom(started.printed(), expected.map(here));
    if (missing) throw new Error(`it did not print "${missing}", but:\n${started.printed()}`);
  });
}

async function attempt(name: string, action: () => Promise<void>): Promise<void> {
  const began = performance.now();
  try {
    await action();
    passed++;
    console.log(`== ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.log(`== ${name} FAILED: ${(error as Error).message}`);
  }
}

function run(line: string, { shown = false, home = data } = {}): Started {
  return start(here(line), { cwd: packageRoot, env: { ...settings, BROADSHEET_HOME: home }, shown });
}

/** The README's port and paper, as they are on this machine. */
function here(line: string): string {
  return line.replaceAll('localhost:8080', `localhost:${port}`).replaceAll(paper, feed.url);
}

/** The demo prints what the README says, and the pages that it names are there. */
async function demo(): Promise<void> {
  const started = run('npm run demo', { home: demoData });
  await started.until(/Try next/);
  const printed = started.printed();
  for (const words of [
    /ten publishers: 60 stories/,
    /Subscribing readers: 25,/,
    /Sending: 50 mails, each as the ledger says [\d.]/,
    /is in review/,
  ])
    if (!words.test(printed)) throw new Error(`it did not print ${words}:\n${printed}`);
  const addresses = printed.match(/http:\/\/localhost:\d+\S+/g) ?? [];
  for (const page of ['/desk/login', '/inbox', '/view/', '/subscribe/'])
    if (!addresses.some((address) => address.includes(page))) throw new Error(`it names no ${page}`);
  for (const address of addresses) await got(address);
  await interrupted(started);
  if (!/Closing\./.test(started.printed())) throw new Error('it did not close at Ctrl-C');
}

/** Ctrl-C reaches npm too, which then ends by the signal; what matters is that all of it ends, and nothing fails meanwhile. */
async function interrupted(started: Running): Promise<void> {
  started.interrupt();
  const { code } = await started.ended;
  if (code !== 0 && code !== 130 && code !== null) throw new Error(`it ended with ${code} at Ctrl-C`);
}

async function got(address: string): Promise<string> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} is answered with ${response.status}`);
  return response.text();
}

/** A paper with six stories of the last hours. */
async function startPaper(): Promise<{ url: string; close(): void }> {
  const titles = [
    'Harbour bridge reopens after repairs',
    'Council votes for a new school',
    'Market hall gets a glass roof',
    'Storm cancels the evening ferry',
    'Lighthouse keeper retires after forty years',
    'Bakers hold out against a sugar tax',
  ];
  const items = titles.map((title, at) => {
    const published = new Date(Date.now() - (at + 1) * 1_800_000).toUTCString();
    return `<item><title>${title}</title><link>https://www.example.com/${at}</link><description>${title}, the port said.</description><pubDate>${published}</pubDate></item>`;
  });
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'application/rss+xml');
    response.end(
      `<rss version="2.0"><channel><title>The Example Post</title><link>https://www.example.com</link>${items.join('')}</channel></rss>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed.xml`,
    close: () => server.close(),
  };
}
