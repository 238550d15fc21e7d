import { z } from 'zod';
import { UserError } from '../errors.ts';
import { paper, readable, readableOn } from './colour.ts';
import { withoutMarks } from './marks.ts';
import { safeUrl } from './safe-url.ts';
import type { ThemeBrand } from './theme-props.ts';

/** Font families that are on most machines, by the name that a brand gives. */
export const fontStacks = {
  georgia: "Georgia, 'Times New Roman', serif",
  charter: "Charter, 'Bitstream Charter', Cambria, Georgia, serif",
  palatino: "'Iowan Old Style', 'Palatino Linotype', Palatino, Georgia, serif",
  times: "'Times New Roman', Times, serif",
  system: "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
  helvetica: "'Helvetica Neue', Helvetica, Arial, sans-serif",
  verdana: 'Verdana, Geneva, sans-serif',
  trebuchet: "'Trebuchet MS', Tahoma, sans-serif",
} as const;

const stackNames = Object.keys(fontStacks).join(', ');

const colourSchema = z
  .string('is a colour such as "#8a1c1c".')
  .regex(
    /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i,
    'is a colour such as "#8a1c1c": # and three or six hexadecimal digits.',
  )
  .transform((value) => (value.length === 4 ? value.replace(/[0-9a-f]/gi, '$&$&') : value).toLowerCase());

const urlSchema = z
  .string('is a web address that begins with https:// or http://.')
  .max(2000, 'is an address of no more than 2,000 characters.')
  .refine((value) => safeUrl(value) !== '#', 'is a web address that begins with https:// or http://.');

const stackSchema = z.enum(
  Object.keys(fontStacks) as (keyof typeof fontStacks)[],
  `is one of ${stackNames}, or a web font: {"family", "url", "fallback"}.`,
);

const fontSchema = z.union(
  [
    stackSchema,
    z.strictObject({
      family: z.string().regex(/^[\p{L}\p{N} -]{1,60}$/u),
      url: urlSchema,
      fallback: z.enum(Object.keys(fontStacks) as (keyof typeof fontStacks)[]).default('system'),
    }),
  ],
  `is one of ${stackNames}, or a web font: {"family": "Literata", "url": "https://…", "fallback": "georgia"}.`,
);

const textSchema = (most: number) =>
  z.string('is a text.').max(most, `is no longer than ${most} characters.`).transform(withoutMarks);

/** A newsletter's brand as it is stored: every key may be left out. */
export const brandSchema = z.strictObject(
  {
    /** The accent. */
    colour: colourSchema.optional(),
    /** The accent in dark mode; without it, the accent made light enough to be read. */
    darkColour: colourSchema.optional(),
    logo: z
      .strictObject(
        {
          url: urlSchema,
          /** What is read where the picture is not shown. */
          alt: textSchema(120),
          /** As shown, in CSS pixels; the file should be twice as wide. */
          width: z
            .int('is a whole number of pixels from 16 to 480.')
            .min(16, 'is at least 16 pixels.')
            .max(480, 'is at most 480 pixels.')
            .default(160),
        },
        { error: unknownKeys('is {"url", "alt", "width"}.') },
      )
      .optional(),
    fonts: z
      .strictObject(
        { heading: fontSchema.optional(), body: fontSchema.optional() },
        { error: unknownKeys('is {"heading", "body"}.') },
      )
      .optional(),
    /** Corner radius of buttons, pictures and boxes, in CSS pixels. */
    radius: z
      .number('is a number of pixels from 0 to 32.')
      .min(0, 'is 0 or more.')
      .max(32, 'is at most 32 pixels.')
      .optional(),
    /** The sender's postal address. */
    footer: textSchema(500).optional(),
    social: z
      .array(
        z.strictObject(
          { name: textSchema(40).refine((name) => name.trim() !== '', 'is not empty.'), url: urlSchema },
          { error: unknownKeys('is {"name", "url"}.') },
        ),
        'is a list of {"name", "url"}.',
      )
      .max(8, 'has at most eight links.')
      .optional(),
  },
  { error: unknownKeys('is an object.') },
);

/** What a newsletter says about its look; what is left out is the theme's. */
export type Brand = z.infer<typeof brandSchema>;

/** What a theme looks like where a newsletter says nothing. */
export interface BrandDefaults {
  colour: string;
  darkColour?: string;
}

export const plainBrand: BrandDefaults = { colour: '#8a1c1c' };

function unknownKeys(otherwise: string) {
  return (issue: { code?: string; keys?: string[] }) =>
    issue.code === 'unrecognized_keys' ? `knows no "${(issue.keys ?? []).join('", "')}".` : otherwise;
}

/** @throws UserError with a sentence for each mistake, by path */
export function parseBrand(document: unknown): Brand {
  const parsed = brandSchema.safeParse(document ?? {});
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    ({ path, message }) => `  ${['brand', ...path].join('.')} ${message}`,
  );
  throw new UserError(`The brand is wrong:\n${lines.join('\n')}`, {
    code: 'brand',
    details: { issues: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })) },
    hint: 'docs/themes.md lists what a brand may say.',
  });
}

/**
 * The look of an edition: the newsletter's brand over the theme's defaults, with colours that can be read.
 * A stored brand that is wrong in one place loses that place only.
 */
export function themeBrand(
  document: Record<string, unknown>,
  defaults: BrandDefaults = plainBrand,
): ThemeBrand {
  const brand = whatIsRight(document);
  const colour = brand.colour ?? defaults.colour;
  const darkColour = readable(
    brand.darkColour ?? (brand.colour ? undefined : defaults.darkColour) ?? colour,
    paper.dark,
  );
  return {
    colour,
    onColour: readableOn(colour),
    textColour: readable(colour, paper.light),
    darkColour,
    onDarkColour: readableOn(darkColour),
    logo: brand.logo ?? null,
    fonts: {
      heading: stackOf(brand.fonts?.heading),
      body: stackOf(brand.fonts?.body),
      stylesheets: [...new Set([brand.fonts?.heading, brand.fonts?.body].flatMap(sheetOf))],
    },
    radius: brand.radius,
    footer: brand.footer ?? '',
    social: brand.social ?? [],
  };
}

function whatIsRight(document: Record<string, unknown>): Brand {
  const known = Object.entries(document).filter(([key]) => key in brandSchema.shape);
  return Object.assign(
    {},
    ...known.map(([key, value]) => brandSchema.safeParse({ [key]: value })).map(({ data }) => data ?? {}),
  );
}

type Font = NonNullable<NonNullable<Brand['fonts']>['heading']>;

function stackOf(font: Font | undefined): string {
  if (font === undefined) return '';
  return typeof font === 'string' ? fontStacks[font] : `'${font.family}', ${fontStacks[font.fallback]}`;
}

function sheetOf(font: Font | undefined): string[] {
  return typeof font === 'object' ? [new URL(font.url).href] : [];
}
