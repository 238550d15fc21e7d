import { createHash } from 'node:crypto';
import type { Context as HonoContext } from 'hono';
import type { Selectable } from 'kysely';
import type { Context } from '../context.ts';
import type { Newsletters } from '../db/schema.ts';
import { themeBrand } from '../rendering/brand.ts';
import { readable } from '../rendering/colour.ts';
import { catalogueLanguage, directionOf } from '../rendering/words.ts';
import { pagePolicy } from './security-headers.ts';
import { acceptedLanguage, pageWords, type Say } from './words/words.ts';

/** How a page speaks and looks: in whose language, and under which newsletter's brand. */
export interface Look {
  /** A BCP 47 tag of a catalogue. */
  language: string;
  direction: 'ltr' | 'rtl';
  say: Say;
  /** Whose page it is; undefined: this server's. */
  newsletter: { id: number; slug: string; name: string; language: string; hasArchive: boolean } | undefined;
  /** The path of the brand's stylesheet. */
  brandCss: string | undefined;
  logo: { url: string; alt: string; width: number } | undefined;
  /** The sender's postal address and the like. */
  footer: string;
}

/** What a page is about; of several, the first that is given. */
export interface About {
  newsletterId?: number;
  editionId?: number;
  listId?: number;
  /** A person: the first newsletter of what they get. */
  subscriberId?: number;
  /** The reader's own language, if a link names the reader. */
  language?: string | null;
}

type BrandedNewsletter = Pick<
  Selectable<Newsletters>,
  'id' | 'slug' | 'name' | 'brand' | 'language' | 'languages' | 'public_archive'
>;

/**
 * The look of a page. Its language is `?lang=` if that is one of ours, else the reader's own, else the one that the browser
 * asks for if the newsletter is made in it, else the newsletter's; without a newsletter what the browser asks for.
 */
export async function lookOf(context: Pick<Context, 'db'>, c: HonoContext, about: About = {}): Promise<Look> {
  const newsletter = await newsletterOf(context, about);
  const made = newsletter && [newsletter.language, ...newsletter.languages].map(codeOf);
  const language =
    catalogueLanguage(c.req.query('lang') ?? '') ??
    catalogueLanguage(about.language ?? '') ??
    acceptedLanguage(c.req.header('accept-language'), made) ??
    (newsletter && catalogueLanguage(newsletter.language)) ??
    'en';
  const look = lookIn(language, newsletter);
  // The brand's logo lies elsewhere, and may be shown. Pages with a policy of their own set it after this.
  if (look.logo) c.header('Content-Security-Policy', pagePolicy({ picture: look.logo.url }));
  return look;
}

const codeOf = (tag: string) => catalogueLanguage(tag) ?? tag;

/** The look of a page about no newsletter. @param language a BCP 47 tag */
export function plainLook(language: string): Look {
  return lookIn(catalogueLanguage(language) ?? 'en', undefined);
}

function lookIn(language: string, newsletter: BrandedNewsletter | undefined): Look {
  const document = (newsletter?.brand ?? {}) as Record<string, unknown>;
  const brand = newsletter && themeBrand(document);
  return {
    language,
    direction: directionOf(language),
    say: pageWords(language),
    newsletter: newsletter && {
      id: newsletter.id,
      slug: newsletter.slug,
      name: newsletter.name,
      language: newsletter.language,
      hasArchive: newsletter.public_archive,
    },
    brandCss:
      newsletter && Object.keys(document).length > 0
        ? `/assets/brand/${newsletter.id}.css?v=${createHash('sha256').update(brandCss(document)).digest('hex').slice(0, 12)}`
        : undefined,
    logo: brand?.logo ?? undefined,
    footer: brand?.footer ?? '',
  };
}

/** The newsletter that a page is about: the first that goes to the list, as for letters. */
async function newsletterOf(
  { db }: Pick<Context, 'db'>,
  { newsletterId, editionId, listId, subscriberId }: About,
): Promise<BrandedNewsletter | undefined> {
  if (!newsletterId && !editionId && !listId && !subscriberId) return undefined;
  return db
    .selectFrom('newsletters as n')
    .select(['n.id', 'n.slug', 'n.name', 'n.brand', 'n.language', 'n.languages', 'n.public_archive'])
    .$if(Boolean(newsletterId), (query) => query.where('n.id', '=', newsletterId ?? 0))
    .$if(!newsletterId && Boolean(editionId), (query) =>
      query.innerJoin('editions as e', 'e.newsletter_id', 'n.id').where('e.id', '=', editionId ?? 0),
    )
    .$if(!newsletterId && !editionId && Boolean(listId), (query) =>
      query
        .innerJoin('newsletter_lists as l', 'l.newsletter_id', 'n.id')
        .where('l.list_id', '=', listId ?? 0),
    )
    .$if(!newsletterId && !editionId && !listId, (query) =>
      query
        .innerJoin('newsletter_lists as l', 'l.newsletter_id', 'n.id')
        .innerJoin('subscriptions as s', 's.list_id', 'l.list_id')
        .where('s.subscriber_id', '=', subscriberId ?? 0),
    )
    .orderBy('n.id')
    .limit(1)
    .executeTakeFirst();
}

/** The darkest ground that text stands on in light mode, and the lightest in dark mode (site.css.ts). */
const grounds = { light: '#f1f1ee', dark: '#26282b' };

/**
 * A brand as a stylesheet over the site's own: its colours, made light or dark enough to be read, its fonts (without those
 * that would be fetched from elsewhere) and its corners.
 */
export function brandCss(document: Record<string, unknown>): string {
  const brand = themeBrand(document);
  const variables = (accent: string, button: string, onButton: string) =>
    `--accent: ${accent}; --accent-strong: ${accent}; --button: ${button}; --on-button: ${onButton};`;
  const light =
    'colour' in document
      ? variables(readable(brand.colour, grounds.light), brand.colour, brand.onColour)
      : '';
  const dark =
    'colour' in document
      ? variables(readable(brand.darkColour, grounds.dark), brand.darkColour, brand.onDarkColour)
      : '';
  const { heading, body } = brand.fonts;
  return [
    `:root { ${light}${heading ? ` --serif: ${heading};` : ''}${body ? ` --sans: ${body};` : ''}${
      brand.radius === undefined ? '' : ` --radius: ${brand.radius}px;`
    } }`,
    dark && `@media (prefers-color-scheme: dark) { :root { ${dark} } }`,
  ]
    .filter(Boolean)
    .join('\n');
}
