import sharp, { type Region, type SharpOptions } from 'sharp';
import type { Context } from '../context.ts';
import type { Crop } from '../selection/chosen.ts';
import { expectOk, guardedFetch } from '../stories/fetch.ts';

// Smaller ones are spacers, counters and icons.
const leastWidth = 120;
const leastHeight = 60;
// Higher than so many times their width they are columns of something.
const mostUpright = 3;
const mostBytes = 15_000_000;
const mostPixels = 60_000_000;
// What mail programs show is JPEG and PNG; these can be made into them. SVG is a program, and stays out.
const formats = ['jpeg', 'png', 'webp', 'gif', 'heif'];

/** An image as it is kept. */
export interface Resized {
  bytes: Buffer;
  mime: 'image/jpeg' | 'image/png';
  width: number;
  height: number;
}

/**
 * Fetches an image, and makes it, or a part of it, one and two times as wide as it is shown, as far as it goes.
 * @throws Error saying why it cannot be shown
 */
export async function fetchImage(
  { config }: Pick<Context, 'config'>,
  url: string,
  { timeoutMs, shownWidth, crop }: { timeoutMs: number; shownWidth: number; crop?: Crop },
): Promise<{ single: Resized; double: Resized | null }> {
  const answer = expectOk(
    await guardedFetch({ ...config, timeoutMs, maxBytes: mostBytes }, url, {
      accept: 'image/jpeg, image/png, image/webp, image/gif, image/avif;q=0.8',
    }),
  );
  const options = { limitInputPixels: mostPixels, failOn: 'error' } as const;
  const { format, width = 0, height = 0, orientation = 1 } = await sharp(answer.body, options).metadata();
  if (!format || !formats.includes(format)) throw new Error(`${format ?? 'this'} is no picture for mail`);
  // The camera lay on its side.
  const [wide, high] = orientation >= 5 ? [height, width] : [width, height];
  const part = crop && within(crop, wide, high);
  const [across, down] = part ? [part.width, part.height] : [wide, high];
  if (across < leastWidth || down < leastHeight)
    throw new Error(`with ${across} × ${down} pixels it is too small to be a picture`);
  if (down > mostUpright * across)
    throw new Error(`with ${across} × ${down} pixels it is too narrow to be a picture`);
  const single = await resized(answer.body, options, Math.min(shownWidth, across), part);
  const double =
    across >= shownWidth * 1.25
      ? await resized(answer.body, options, Math.min(2 * shownWidth, across), part)
      : null;
  return { single, double };
}

/** The pixels of a part. */
function within({ x, y, width, height }: Crop, across: number, down: number): Region {
  const left = Math.min(Math.round(x * across), across - 1);
  const top = Math.min(Math.round(y * down), down - 1);
  return {
    left,
    top,
    width: Math.max(1, Math.min(Math.round(width * across), across - left)),
    height: Math.max(1, Math.min(Math.round(height * down), down - top)),
  };
}

async function resized(
  body: Buffer,
  options: SharpOptions,
  width: number,
  part: Region | undefined,
): Promise<Resized> {
  const upright = sharp(body, options).autoOrient();
  const image = (part ? upright.extract(part) : upright).resize({ width, withoutEnlargement: true });
  // What can be seen through stays so: on a dark page a white box would be seen.
  const isClear = (await sharp(body, options).stats()).isOpaque === false;
  const { data, info } = await (isClear
    ? image.png({ compressionLevel: 9, palette: true })
    : image.jpeg({ quality: 80, progressive: true, mozjpeg: true })
  ).toBuffer({ resolveWithObject: true });
  return {
    bytes: data,
    mime: isClear ? 'image/png' : 'image/jpeg',
    width: info.width,
    height: info.height,
  };
}
