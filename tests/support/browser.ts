import { existsSync } from 'node:fs';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

const installed = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

// The package's own flags are for one page in a function's sandbox (a single process); these are for a whole test run.
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--hide-scrollbars',
  '--font-render-hinting=none',
];

let running: Promise<Browser> | undefined;

/**
 * A real Chromium: on Linux it comes with an npm package, elsewhere an installed Chrome is used. The test files of a process share
 * one, as starting it takes a second; closing it closes what is open in it, and the process takes it along when it ends.
 */
export async function launchBrowser(): Promise<Browser> {
  if (running && !(await running).isConnected()) running = undefined;
  running ??= startBrowser().then((browser) =>
    Object.assign(browser, {
      close: async () => {
        await Promise.all(browser.contexts().map((context) => context.close()));
      },
    }),
  );
  return running;
}

/** The same browser for one's own: closing it ends it. */
export async function startBrowser(): Promise<Browser> {
  const linux = process.platform === 'linux';
  const executablePath = linux ? await chromium.executablePath() : installed.find(existsSync);
  if (!executablePath)
    throw new Error('There is no Chrome on this machine: install Google Chrome to run this test.');
  return playwright.launch({ executablePath, args: linux ? flags : [], headless: true });
}
