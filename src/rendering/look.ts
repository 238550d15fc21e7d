import type { Context } from '../context.ts';
import { contentOf, type Edition } from '../editions/editions.ts';
import type { Newsletter } from '../editions/newsletters.ts';
import { parsePolicy } from '../selection/policy.ts';
import { parseBrand, themeBrand } from './brand.ts';
import { themeProps } from './props.ts';
import { renderTemplate } from './template.ts';
import { findTheme, type Theme, themePreview } from './theme.ts';
import type { ThemeProps } from './theme-props.ts';
import { catalogueFor, dayInWords } from './words.ts';

/** A look that need not be a newsletter's. */
export interface Look {
  /** A theme's name or path. */
  theme: string;
  /** A brand as newsletters have it. */
  brand: Record<string, unknown>;
}

const mostOfASlot = 12;

/**
 * How a newsletter would look, with its last edition's stories, or with sample ones where it has none yet. Nothing is stored,
 * and links lead nowhere.
 * @returns a whole page of HTML
 * @throws UserError if the brand is wrong, there is no such theme, or it fails
 */
export async function renderLook(
  context: Pick<Context, 'db' | 'clock'>,
  newsletter: Newsletter,
  { theme: name, brand }: Look,
): Promise<string> {
  const theme = findTheme(name);
  parseBrand(brand);
  const props =
    (await lastEdition(context, newsletter, theme, brand)) ?? sample(context, newsletter, theme, brand);
  return (await renderTemplate(theme.file, props)).html;
}

async function lastEdition(
  context: Pick<Context, 'db'>,
  newsletter: Newsletter,
  theme: Theme,
  brand: Record<string, unknown>,
): Promise<ThemeProps | undefined> {
  const edition = (await context.db
    .selectFrom('editions')
    .selectAll()
    .where('newsletter_id', '=', newsletter.id)
    .where((e) =>
      e.exists(e.selectFrom('edition_stories').select('position').whereRef('edition_id', '=', 'editions.id')),
    )
    .orderBy('scheduled_for', 'desc')
    .limit(1)
    .executeTakeFirst()) as Edition | undefined;
  if (!edition) return undefined;
  const { slots } = parsePolicy(edition.policy);
  const content = await contentOf(context, edition, slots);
  const plan = slots.map((slot) => ({
    ...slot,
    positions: content.stories
      .filter((story) => story.slot === slot.name)
      .slice(0, Math.min(slot.count, mostOfASlot))
      .map(({ position }) => position),
  }));
  const changed = { ...content, newsletter: { ...content.newsletter, brand } };
  const props = themeProps(changed, plan, theme.brand.defaults, theme.notes);
  const { why } = catalogueFor(edition.language);
  return {
    ...props,
    reader: { ...nobody, why: why(newsletter.name, 'reader@example.com') },
    sections: props.sections
      .filter(({ stories }) => stories.length > 0)
      .map((section) => ({
        ...section,
        open: '',
        close: '',
        stories: section.stories.map((story) => ({ ...story, open: '', close: '' })),
      })),
  };
}

function sample(
  { clock }: Pick<Context, 'clock'>,
  newsletter: Newsletter,
  theme: Theme,
  brand: Record<string, unknown>,
): ThemeProps {
  const props = themePreview(theme, newsletter.language);
  return {
    ...props,
    newsletter: { name: newsletter.name, description: newsletter.description },
    edition: { ...props.edition, date: dayInWords(clock.now(), props.language, newsletter.time_zone) },
    brand: themeBrand(brand, theme.brand.defaults),
  };
}

const nobody = {
  greeting: '',
  unsubscribeUrl: '#',
  preferencesUrl: '#',
  viewUrl: '#',
  shareUrl: '#',
};
