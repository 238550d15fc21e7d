import { z } from 'zod';
import type { PreviewReader } from '../../../delivery/preview.ts';

export const widths = ['phone', 'tablet', 'desktop'] as const;
export const shows = ['html', 'text', 'source', 'clicks'] as const;

/** How a preview is looked at, as its address says. */
export interface Asked {
  width: (typeof widths)[number];
  dark: boolean;
  images: boolean;
  show: (typeof shows)[number];
  /** The edition's own, if undefined. */
  language: string | undefined;
  /** Whose it is, as it stands in the address: `anybody`, `subscriber:ID`, or wishes as JSON. */
  reader: string;
}

/** What a preview shows if nothing is asked for. */
export const plainly: Asked = {
  width: 'desktop',
  dark: false,
  images: true,
  show: 'html',
  language: undefined,
  reader: 'anybody',
};

const words = z.array(z.string().max(200)).max(100);
const wishes = z.strictObject({
  frequency: z.string().max(20),
  topics: words,
  mutedTopics: words,
  mutedSources: words,
});

/** Reads the query of an address; what is not understood is as if it were not there. The last of several counts. */
export function askedBy(query: Record<string, string[]>): Asked {
  const last = (name: string) => query[name]?.at(-1) ?? '';
  const language = last('language');
  const [width, show] = [last('width'), last('show')];
  return {
    width: widths.find((each) => each === width) ?? plainly.width,
    dark: last('scheme') === 'dark',
    images: last('images') !== 'off',
    show: shows.find((each) => each === show) ?? plainly.show,
    language: /^[A-Za-z0-9-]{2,35}$/.test(language) ? language : undefined,
    reader: readerIn(last('reader')) ? last('reader') : plainly.reader,
  };
}

/** Whose digest is meant; undefined if it is nobody that could be. */
export function readerIn(text: string): PreviewReader | undefined {
  if (text === 'anybody') return 'anybody';
  const id = /^subscriber:(\d{1,15})$/.exec(text)?.[1];
  if (id) return { subscriberId: Number(id) };
  if (!text.startsWith('{')) return undefined;
  try {
    return wishes.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The query that says so, without its question mark. */
export function queryOf({ width, dark, images, show, language, reader }: Asked): string {
  return new URLSearchParams({
    width,
    scheme: dark ? 'dark' : 'light',
    images: images ? 'on' : 'off',
    show,
    ...(language && { language }),
    reader,
  }).toString();
}
