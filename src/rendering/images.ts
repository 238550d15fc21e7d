import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import type { EditionContent, EditionStory } from '../editions/content.ts';
import { messageOf } from '../errors.ts';
import type { Crop } from '../selection/chosen.ts';
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
  const urls = wantedImages(content);
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

function wantedImages({ stories }: EditionContent): string[] {
  return [...new Set(stories.map(imageAddress).filter((url) => url !== '#' && url.length <= longestUrl))];
}

/**
 * Where a story's image lies; `#` if it has none. What is shown of it is said as a fragment (Media Fragments URI 1.0,
 * `#xywh=percent:10,0,50,100`), so that the same image in two crops is two.
 */
export function imageAddress({ imageUrl, crop }: Pick<EditionStory, 'imageUrl' | 'crop'>): string {
  const url = safeUrl(imageUrl ?? '');
  if (url === '#' || !crop) return url;
  const percent = [crop.x, crop.y, crop.width, crop.height].map((each) => Math.round(each * 1000) / 10);
  return `${url.replace(/#.*$/s, '')}${fragment}${percent.join(',')}`;
}

const fragment = '#xywh=percent:';

/** An image's own address, and what is shown of it in percent; empty: all. */
function splitAddress(address: string): { url: string; crop: string } {
  const at = address.lastIndexOf(fragment);
  return at < 0
    ? { url: address, crop: '' }
    : { url: address.slice(0, at), crop: address.slice(at + fragment.length) };
}

async function knownImages(context: Context, addresses: string[]): Promise<HostedImages> {
  if (addresses.length === 0) return new Map();
  const wanted = new Set(addresses);
  const urls = [...new Set(addresses.map((address) => splitAddress(address).url))];
  const rows = await context.db
    .selectFrom('image_fetches as fetched')
    .leftJoin('images', 'images.id', 'fetched.image_id')
    .select(['fetched.url', 'fetched.crop', 'fetched.image_id', 'fetched.double_id', 'fetched.fetched_at'])
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
  for (const { url, crop, image_id, double_id, fetched_at, width, height, ...lies } of rows) {
    const address = crop === '' ? url : `${url}${fragment}${crop}`;
    if (!wanted.has(address)) continue;
    // Kept where the settings pointed to then; it is put where they point to now.
    if (
      image_id &&
      (Boolean(lies.outside) !== usesBucket || (double_id && Boolean(lies.doubleOutside) !== usesBucket))
    )
      continue;
    const doubleUrl = double_id && addressOf(context, double_id);
    if (image_id && width && height)
      known.set(address, { url: addressOf(context, image_id), width, height, doubleUrl });
    else if (now - fetched_at.getTime() < retryMs) known.set(address, null);
  }
  return known;
}

async function hostImage(context: Context, address: string, timeoutMs: number): Promise<HostedImage | null> {
  const { url, crop } = splitAddress(address);
  try {
    // Its libraries take memory that a process which only sends need not have.
    const { fetchImage } = await import('./fetch-image.ts');
    const { single, double } = await fetchImage(context, url, {
      timeoutMs,
      shownWidth,
      crop: inShares(crop),
    });
    const image_id = await keep(context, single);
    const double_id = double && (await keep(context, double));
    await remember(context, { url, crop }, { image_id, double_id, problem: null });
    return {
      url: addressOf(context, image_id),
      width: single.width,
      height: single.height,
      doubleUrl: double_id && addressOf(context, double_id),
    };
  } catch (error) {
    const problem = messageOf(error);
    context.log.info({ url, problem }, 'a story’s image is left out');
    await remember(context, { url, crop }, { image_id: null, double_id: null, problem });
    return null;
  }
}

function inShares(percent: string): Crop | undefined {
  if (percent === '') return undefined;
  const [x = 0, y = 0, width = 1, height = 1] = percent.split(',').map((each) => Number(each) / 100);
  return { x, y, width, height };
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
  image: { url: string; crop: string },
  row: { image_id: string | null; double_id: string | null; problem: string | null },
): Promise<void> {
  const values = { ...row, fetched_at: clock.now() };
  await db
    .insertInto('image_fetches')
    .values({ ...image, width: shownWidth, ...values })
    .onConflict((conflict) => conflict.columns(['url', 'width', 'crop']).doUpdateSet(values))
    .execute();
}

function addressOf({ config }: Pick<Context, 'config'>, id: string): string {
  return bucketOf(config)?.address(id) ?? `${config.publicUrl}/i/${id}`;
}

/** The images of an edition's stories that are kept already: nothing is fetched. */
export async function keptImages(context: Context, content: EditionContent): Promise<HostedImages> {
  return knownImages(context, wantedImages(content));
}

/**
 * A theme's values with the images that are kept; a story whose image cannot be shown has none.
 * @param others what becomes of images that nothing is known of: left out, or shown from where they lie
 */
export function withImages(
  props: ThemeProps,
  images: HostedImages | undefined,
  others: 'out' | 'linked' = 'out',
): ThemeProps {
  if (!images) return props;
  return {
    ...props,
    sections: props.sections.map((section) => ({
      ...section,
      stories: section.stories.map((story) => {
        const hosted = story.image && images.get(story.image.url);
        if (hosted === undefined && others === 'linked') return story;
        return {
          ...story,
          image: hosted && story.image ? { ...story.image, ...hosted } : null,
        };
      }),
    })),
  };
}
