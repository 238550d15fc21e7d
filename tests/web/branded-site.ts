import { planDeliveries } from '../../src/delivery/plan.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { archivePages } from '../../src/web/pages/archive.tsx';
import { homePage } from '../../src/web/pages/home.tsx';
import { sharePages } from '../../src/web/pages/share.ts';
import { viewPage } from '../../src/web/pages/view.tsx';
import { seedEdition, seedNewsletter } from '../support/seed.ts';
import { startSite } from './site.ts';

/**
 * All public pages, with a newsletter that has a brand, a public archive with a sent edition, and lists with topics; and
 * Ada, who gets two lists and asked for a third.
 */
export async function startBrandedSite({
  language = 'en',
  brand = { colour: '#1f5fbf', radius: 8, footer: 'The Harbour Post\n1 Quay Street, Wendmark' },
}: {
  language?: string;
  brand?: Record<string, unknown>;
} = {}) {
  const site = await startSite();
  const { context, app, signer } = site;
  const names: Record<string, [string, string, string[]]> = {
    en: ['Harbour Letter', 'What moved on the coast, each morning', ['sea', 'climate', 'city', 'markets']],
    ar: ['رسالة الميناء', 'ما جرى على الساحل كل صباح', ['بحر', 'مناخ', 'مدينة', 'أسواق']],
    de: ['Hafenbrief', 'Was an der Küste geschah, jeden Morgen', ['See', 'Klima', 'Stadt', 'Märkte']],
  };
  const [name, description, topics] = names[language] ?? (names.en as [string, string, string[]]);
  const list = await createList(context, { name, slug: 'harbour', description, topics });
  const newsletter = await seedNewsletter(context, [list.id], { name, description, language, brand });
  await context.db
    .updateTable('newsletters')
    .set({ public_archive: true })
    .where('id', '=', newsletter.id)
    .execute();
  const ada = await site.person('ada@example.com', 'harbour', 'daily');
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  await context.db
    .updateTable('editions')
    .set({ state: 'sent', sent_at: context.clock.now() })
    .where('id', '=', editionId)
    .execute();
  const routes = { context, signer };
  app.route('/', homePage(context));
  app.route('/view', viewPage(context, routes));
  app.route('/share', sharePages(context, routes));
  app.route('/archive', archivePages(context, routes));
  const later = Math.floor(context.clock.now().getTime() / 1000) + 3_600;
  return {
    ...site,
    list,
    newsletter,
    ada,
    editionId,

    paths: {
      subscribe: '/subscribe/harbour',
      embed: '/embed/harbour',
      confirm: `/confirm/${signer.sign('confirm', [ada, site.weekly.id, later])}`,
      unsubscribe: `/unsubscribe/${signer.sign('unsubscribe', [ada, editionId])}`,
      preferences: `/preferences/${signer.sign('preferences', [ada, editionId])}`,
      data: `/data/${signer.sign('data', [ada, later])}`,
      view: `/view/${signer.sign('view', [ada, editionId])}`,
      share: `/share/${signer.sign('share', [editionId])}`,
      archive: '/archive/harbour-post',
    },
  };
}
