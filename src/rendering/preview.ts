import { statSync } from 'node:fs';
import type { Context } from '../context.ts';
import type { EditionContent } from '../editions/content.ts';
import { triedSubjects } from '../editions/subject-test.ts';
import { parseTracking } from '../editions/tracking.ts';
import type { Choice } from './assemble.ts';
import { type CompiledEdition, compileEdition } from './compile.ts';
import { keptImages } from './images.ts';
import type { TextLinks } from './text-digest.ts';
import { findTheme } from './theme.ts';

const mostForms = 40;

/** Forms that were compiled for previews, by what they were made of; of each database its own. */
const held = new WeakMap<object, Map<string, Promise<CompiledEdition>>>();

/**
 * An edition compiled as it is now, to be looked at: links straight, images as they are kept, or from where they lie.
 * Nothing is fetched or stored. The same content is compiled once, whoever looks at it.
 * @param choice the stories that are looked at, of each slot: only these are rendered
 * @throws UserError naming the template and line, if the theme fails
 */
export async function previewForm(
  context: Context,
  content: EditionContent,
  newsletterId: number,
  choice: Choice,
): Promise<CompiledEdition> {
  const [newsletter, images, subjects] = await Promise.all([
    context.db
      .selectFrom('newsletters')
      .select(['tracking', 'plain_links'])
      .where('id', '=', newsletterId)
      .executeTakeFirstOrThrow(),
    context.config.images === 'keep' ? keptImages(context, content) : undefined,
    triedSubjects(context, content.editionId),
  ]);
  const { utm } = parseTracking(newsletter.tracking);
  const { stories: _, ...frame } = content;
  // The version stands for the stories; the newsletter and its theme may change beside it.
  const key = JSON.stringify([
    frame,
    changedAt(content.theme),
    newsletter.plain_links,
    utm,
    subjects,
    images && [...images],
    choice,
  ]);
  const forms = held.get(context.db) ?? new Map<string, Promise<CompiledEdition>>();
  held.set(context.db, forms);
  const known = forms.get(key);
  if (known) return known;
  const compiling = compileEdition(content, {
    subjects,
    links: { utm },
    textLinks: (newsletter.plain_links as TextLinks | null) ?? undefined,
    images: context.config.images === 'none' ? new Map() : images,
    only: choice,
    otherImages: context.config.images === 'keep' ? 'linked' : 'out',
  });
  forms.set(key, compiling);
  if (forms.size > mostForms) forms.delete(forms.keys().next().value as string);
  // What failed is tried again: the template may have been mended.
  compiling.catch(() => forms.delete(key));
  return compiling;
}

function changedAt(theme: string): number {
  try {
    return statSync(findTheme(theme).file).mtimeMs;
  } catch {
    return 0;
  }
}

/** A page as it looks where images are not shown: their descriptions stand in their places. */
export function withoutImages(html: string): string {
  return html
    .replace(/<img\b[^>]*>/gi, (tag) => tag.replace(/\s(?:src|srcset)=(?:"[^"]*"|'[^']*')/gi, ''))
    .replace(/\sbackground="[^"]*"/gi, '')
    .replace(/url\((?:'[^']*'|"[^"]*"|&quot;.*?&quot;|[^)'"]*)\)/gi, 'none');
}
