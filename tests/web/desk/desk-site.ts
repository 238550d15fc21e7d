import type { Page } from 'playwright-core';
import { seedEdition, seedList, seedNewsletter } from '../../support/seed.ts';
import { startDesk as startEmpty, type TestBrowser } from './access-site.ts';

/** How the desk of a test differs from the usual one. */
export interface DeskOptions {
  settings?: Parameters<typeof startEmpty>[0];
  /** On the newsletter's list; 3 if not given. */
  readers?: number;
  newsletter?: Parameters<typeof seedNewsletter>[2];
  /** What the edition is; in review if not given. */
  state?: string;
}

/**
 * The desk with an admin, an editor and a viewer, each in a browser of their own, and a newsletter with an edition that waits
 * for approval, an hour from now.
 */
export async function startDesk({ settings, readers = 3, newsletter, state = 'review' }: DeskOptions = {}) {
  const site = await startEmpty(settings);
  const { context } = site;
  const { listId } = await seedList(context, readers);
  const made = await seedNewsletter(context, [listId], { mode: 'approval', ...newsletter });
  const scheduledFor = new Date(context.clock.now().getTime() + 3_600_000);
  const editionId = await seedEdition(context, made.id, undefined, scheduledFor);
  await context.db.updateTable('editions').set({ state }).where('id', '=', editionId).execute();
  return {
    ...site,
    newsletter: made,
    listId,
    editionId,
    as: {
      admin: await site.loggedIn(site.admin),
      editor: await site.loggedIn(site.editor),
      viewer: await site.loggedIn(site.viewer),
    },
  };
}

/** Lets a page of a real browser in as somebody who is logged in. */
export async function letIn(page: Page, url: string, browser: TestBrowser): Promise<void> {
  await page
    .context()
    .addCookies(
      [...browser.cookies].map(([name, value]) => ({ name, value, url, sameSite: 'Lax' as const })),
    );
}
