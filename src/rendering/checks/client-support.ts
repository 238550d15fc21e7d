import { rawData } from 'caniemail';
import type { JSDOM } from 'jsdom';
import { type Client, clients, graceful, partialIsEnough } from './client-matrix.ts';
import { type FeatureUse, featureUses } from './feature-uses.ts';
import { counted, type Finding, type Severity, shortened } from './finding.ts';
import { type ExaminedPage, placeAt } from './page.ts';

type Support = 'full' | 'partial' | 'none' | 'unknown';

const features = new Map(rawData.data.map((feature) => [feature.slug, feature]));

/** How a client supports a feature, by its newest version that was tested. */
export function supportOf(slug: string, client: Client): Support {
  if (client.lacks?.includes(slug)) return 'none';
  const [family = '', platform = ''] = client.id.split('.');
  const stats = features.get(slug)?.stats as
    | Record<string, Record<string, Record<string, string>>>
    | undefined;
  const newest = Object.values(stats?.[family]?.[platform] ?? {}).at(-1) ?? 'u';
  if (newest.startsWith('y')) return 'full';
  if (newest.startsWith('a')) return 'partial';
  return newest.startsWith('n') ? 'none' : 'unknown';
}

/** What of a page the clients of the support matrix lack: one finding for a feature. */
export function checkClients(dom: JSDOM, page: ExaminedPage): Finding[] {
  const hidden = hiddenFromOutlook(page.content);
  const found = new Map<string, { severity: Severity; use: FeatureUse; clients: Set<string> }>();
  for (const use of featureUses(dom)) {
    for (const client of clients) {
      if (client.id === 'outlook.windows' && hidden.some(([start, end]) => use.at >= start && use.at < end))
        continue;
      if (use.within.some((slug) => supportOf(slug, client) === 'none')) continue;
      const severity = severityOf(use, client);
      if (!severity) continue;
      const key = `${severity} ${use.slug}`;
      const known = found.get(key) ?? { severity, use, clients: new Set<string>() };
      known.clients.add(client.name);
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ severity, use, clients: names }) => {
    const feature = features.get(use.slug);
    return {
      check: 'clients' as const,
      severity,
      message: `${feature?.title ?? use.slug} is ${severity === 'error' ? 'not supported' : 'only partly supported'} by ${listed([...names])}.`,
      where: { part: 'html' as const, ...placeAt(page, use.at), element: shortened(use.written, 100) },
      mend: `Do it in another way, or so that it may be missing; what is known of it: ${feature?.url ?? 'https://www.caniemail.com'}`,
    };
  });
}

function severityOf({ slug, within }: FeatureUse, client: Client): Severity | undefined {
  const support = supportOf(slug, client);
  if (support === 'full' || support === 'unknown' || isGraceful(slug, client)) return undefined;
  if (support === 'none') return 'error';
  if (partialIsEnough.has(slug)) return undefined;
  return within.length > 0 ? 'hint' : 'warning';
}

function isGraceful(slug: string, client: Client): boolean {
  return graceful.some(({ feature, where }) => feature === slug && (!where || where.includes(client.id)));
}

function listed(names: string[]): string {
  const shown = names.slice(0, 4);
  return names.length > shown.length
    ? `${shown.join(', ')} and ${counted(names.length - shown.length, 'other')}`
    : names.join(', ');
}

/** The parts of a page that comments hide from Outlook for Windows: `<!--[if !mso]><!-->` to `<!--<![endif]-->`. */
function hiddenFromOutlook(html: string): [start: number, end: number][] {
  return [...html.matchAll(/<!--\[if !mso[^\]]*\]>\s*<!--(?:\s*--)?>(.*?)<!--\s*<!\[endif\]-->/gs)].map(
    (match) => [match.index, match.index + match[0].length],
  );
}
