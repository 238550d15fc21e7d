import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import type { EditionContent } from '../editions/content.ts';
import { messageOf } from '../errors.ts';
import { bucketOf } from './bucket.ts';
import type { Resized } from './fetch-image.ts';
import { safeUrl } from './safe-url.ts';
import type { ThemeProps } from './theme-props.ts';

/** A story's image as mail shows it. */
export interface HostedImage {
  url: string;
  /** Pixels as it is shown. */
  width: number;
  height: number;
  /** The same with twice the pixels, where the original has them. */
  doubleUrl: string | null;
}

/** Images by the address that their stories give; null: there is none that could be shown. */
export type HostedImages = Map<string, HostedImage | null>;

/** The widest that a theme shows an image. */
const shownWidth = 600;
// Longer ones do not fit into an index; they are left out.
const longestUrl = 2000;
const fetchMs = 10_000;
const allMs = 30_000;
const atOnce = 6;
const retryMs = 3_600_000;

/**
 * Fetches the images of an edition's stories, unless that has been done, and keeps them resized, so that the edition looks
 * the same in a year and tells no publisher who reads it. An image that cannot be had, or is none, is left out.
 */
export async function hostImages(context: Context, content: EditionContent): Promise<HostedImages> {
  const urls = [
    ...new Set(
      content.stories
        .map(({ imageUrl }) => safeUrl(imageUrl ?? ''))
        .filter((url) => url !== '#' && url.length <= longestUrl),
    ),
  ];
  const images: HostedImages = await knownImages(context, urls);
  const waiting = urls.filter((url) => !images.has(url));
  const until = performance.now() + allMs;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
        const left = until - performance.now();
        images.set(url, left > 500 ? await hostImage(context, url, Math.min(fetchMs, left)) : null);
      }
    }),
  );
  return images;
}

async function knownImages(context: Context, urls: string[]): Promise<HostedImages> {
  if (urls.length === 0) return new Map();
  const rows = await context.db
    .selectFrom('image_fetches as fetched')
    .leftJoin('images', 'images.id', 'fetched.image_id')
    .select(['fetched.url', 'fetched.image_id', 'fetched.double_id', 'fetched.fetched_at'])
    .leftJoin('images as double', 'double.id', 'fetched.double_id')
    .select(['images.width', 'images.height'])
    .select((e) => [
      e('images.bytes', 'is', null).as('outside'),
      e.and([e('double.id', 'is not', null), e('double.bytes', 'is', null)]).as('doubleOutside'),
    ])
    .where('fetched.url', 'in', urls)
    .where('fetched.width', '=', shownWidth)
    .execute();
  const now = context.clock.now().getTime();
  const known: HostedImages = new Map();
  const usesBucket = context.config.bucket !== undefined;
  for (const { url, image_id, double_id, fetched_at, width, height, ...lies } of rows) {
    // Kept where the settings pointed to then; it is put where they point to now.
    if (
      image_id &&
      (Boolean(lies.outside) !== usesBucket || (double_id && Boolean(lies.doubleOutside) !== usesBucket))
    )
      continue;
    const doubleUrl = double_id && addressOf(context, double_id);
    if (image_id && width && height)
      known.set(url, { url: addressOf(context, image_id), width, height, doubleUrl });
    else if (now - fetched_at.getTime() < retryMs) known.set(url, null);
  }
  return known;
}

async function hostImage(context: Context, url: string, timeoutMs: number): Promise<HostedImage | null> {
  try {
    // Its libraries take memory that a process which only sends need not have.
    const { fetchImage } = await import('./fetch-image.ts');
    const { single, double } = await fetchImage(context, url, { timeoutMs, shownWidth });
    const image_id = await keep(context, single);
    const double_id = double && (await keep(context, double));
    await remember(context, url, { image_id, double_id, problem: null });
    return {
      url: addressOf(context, image_id),
      width: single.width,
      height: single.height,
      doubleUrl: double_id && addressOf(context, double_id),
    };
  } catch (error) {
    const problem = messageOf(error);
    context.log.info({ url, problem }, 'a story’s image is left out');
    await remember(context, url, { image_id: null, double_id: null, problem });
    return null;
  }
}

/** Keeps an image under a name made of its content. @returns the name */
async function keep(context: Context, { bytes, mime, width, height }: Resized): Promise<string> {
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 27);
  const id = `${hash}.${mime === 'image/png' ? 'png' : 'jpg'}`;
  const bucket = bucketOf(context.config);
  if (bucket) await bucket.put(id, bytes, mime);
  await context.db
    .insertInto('images')
    .values({ id, mime, width, height, bytes: bucket ? null : bytes, created_at: context.clock.now() })
    // What lies in the database stays there: mail that was sent refers to it.
    .onConflict((conflict) =>
      bucket ? conflict.column('id').doNothing() : conflict.column('id').doUpdateSet({ bytes }),
    )
    .execute();
  return id;
}

async function remember(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  url: string,
  row: { image_id: string | null; double_id: string | null; problem: string | null },
): Promise<void> {
  const values = { ...row, fetched_at: clock.now() };
  await db
    .insertInto('image_fetches')
    .values({ url, width: shownWidth, ...values })
    .onConflict((conflict) => conflict.columns(['url', 'width']).doUpdateSet(values))
    .execute();
}

function addressOf({ config }: Pick<Context, 'config'>, id: string): string {
  return bucketOf(config)?.address(id) ?? `${config.publicUrl}/i/${id}`;
}

/** A theme's values with the images that are kept; a story whose image cannot be shown has none. */
export function withImages(props: ThemeProps, images: HostedImages | undefined): ThemeProps {
  if (!images) return props;
  return {
    ...props,
    sections: props.sections.map((section) => ({
      ...section,
      stories: section.stories.map((story) => {
        const hosted = story.image && images.get(story.image.url);
        return {
          ...story,
          image: hosted && story.image ? { ...story.image, ...hosted } : null,
        };
      }),
    })),
  };
}
