import type { ThemeStory } from '../../src/rendering/theme-props.ts';

/** An image's attributes for the width at which it is shown: its height, so that nothing jumps, and its double for sharp screens. */
export function pictureOf(
  image: NonNullable<ThemeStory['image']>,
  width: number,
): { src: string; alt: string; width: number; height?: number; srcSet?: string } {
  return {
    src: image.url,
    alt: image.alt,
    width,
    ...(image.width && image.height ? { height: Math.round((width * image.height) / image.width) } : {}),
    ...(image.doubleUrl ? { srcSet: `${image.url} 1x, ${image.doubleUrl} 2x` } : {}),
  };
}
