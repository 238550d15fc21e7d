import type { EditionContent } from '../editions/content.ts';
import { type EditionLink, linkKey } from '../editions/edition-links.ts';
import type { Tracking } from '../editions/tracking.ts';
import { mark } from './marks.ts';
import { renderNote, withNoteLinks } from './note.ts';
import { safeUrl } from './safe-url.ts';
import type { ThemeProps, ThemeStory } from './theme-props.ts';

/** All links of an edition's stories that lead somewhere, with the parameters that the newsletter adds to them. */
export function storyLinks(content: EditionContent, utm: Tracking['utm']): EditionLink[] {
  const links = content.stories.flatMap(({ position, url, related, note }) => [
    { position, related: -1, url },
    ...related.map((each, at) => ({ position, related: at, url: each.url })),
    // Those of the editors' words come after the related ones.
    ...(note ? renderNote(note).links : []).map((each, at) => ({
      position,
      related: related.length + at,
      url: each.url,
    })),
  ]);
  return links.flatMap(({ url, ...link }) =>
    safeUrl(url) === '#' ? [] : [{ ...link, url: withUtm(safeUrl(url), content, utm) }],
  );
}

/** An address with the newsletter's parameters; those that it has already stay as they are. */
export function withUtm(
  url: string,
  { newsletter, scheduledFor }: Pick<EditionContent, 'newsletter' | 'scheduledFor'>,
  utm: Tracking['utm'],
): string {
  if (!utm) return url;
  const parsed = new URL(url);
  const day = new Intl.DateTimeFormat('en-CA', {
    timeZone: newsletter.timeZone,
    dateStyle: 'short',
  }).format(scheduledFor);
  const parameters = {
    utm_source: utm.source ?? newsletter.slug,
    utm_medium: utm.medium,
    utm_campaign: utm.campaign ?? `${newsletter.slug}-${day}`,
  };
  const added = Object.entries(parameters)
    .filter(([name]) => !parsed.searchParams.has(name))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  // What is there already is not written anew: some servers are particular about their parameters.
  if (added.length > 0) parsed.search += `${parsed.search ? '&' : '?'}${added.join('&')}`;
  return parsed.href;
}

/** How the links of an edition are written: straight, or through a counted one. */
export interface LinkWriting {
  utm: Tracking['utm'];
  /** Where counted links are followed (`https://…/c`), and their numbers; undefined: nothing is counted. */
  counted?: { base: string; numbers: Map<string, number> };
}

/** A theme's values with links written as the newsletter wants them. Links of the frame are left alone. */
export function withLinks(props: ThemeProps, content: EditionContent, writing: LinkWriting): ThemeProps {
  const write = (position: number, related: number, url: string) => {
    if (url === '#') return url;
    const target = withUtm(url, content, writing.utm);
    const number = writing.counted?.numbers.get(linkKey({ position, related, url: target }));
    return writing.counted && number !== undefined
      ? `${writing.counted.base}/${mark.value('token')}/${number}`
      : target;
  };
  const positions = new Map(content.stories.map(({ position }) => [mark.openStory(position), position]));
  const story = (each: ThemeStory): ThemeStory => {
    const position = positions.get(each.open);
    if (position === undefined) return each;
    return {
      ...each,
      url: write(position, -1, each.url),
      related: each.related.map((link, at) => ({ ...link, url: write(position, at, link.url) })),
      ...(each.note && {
        note: withNoteLinks(each.note, (url, at) =>
          safeUrl(url) === '#' ? url : write(position, each.related.length + at, url),
        ),
      }),
    };
  };
  return {
    ...props,
    sections: props.sections.map((section) => ({ ...section, stories: section.stories.map(story) })),
  };
}
