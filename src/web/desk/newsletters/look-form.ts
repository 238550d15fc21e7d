import type { Newsletter } from '../../../editions/newsletters.ts';
import { type Brand, brandSchema, fontStacks, themeBrand } from '../../../rendering/brand.ts';
import { contrast, leastContrast, paper } from '../../../rendering/colour.ts';
import { findTheme, listThemes, type Theme } from '../../../rendering/theme.ts';
import { type Mistakes, one, type Say, type Values } from './form-values.ts';

/** The fonts that a brand may name. */
export const fontNames = Object.keys(fontStacks);
const webFont = 'web';
/** Of a name and an address, in characters: more than the brand takes. */
const longestProfile = 3_000;

/** What the form of a look shows for a newsletter as it is saved. */
export function lookValues({ theme, brand: document }: Pick<Newsletter, 'theme' | 'brand'>): Values {
  const brand = document as Partial<Brand>;
  const font = (which: 'heading' | 'body') => {
    const chosen = brand.fonts?.[which];
    const isWeb = typeof chosen === 'object';
    return {
      [`${which}Font`]: [isWeb ? webFont : (chosen ?? '')],
      [`${which}Family`]: [isWeb ? chosen.family : ''],
      [`${which}Url`]: [isWeb ? chosen.url : ''],
      [`${which}Fallback`]: [isWeb ? chosen.fallback : 'system'],
    };
  };
  return {
    theme: [theme],
    colour: [brand.colour ?? ''],
    darkColour: [brand.darkColour ?? ''],
    logoUrl: [brand.logo?.url ?? ''],
    logoAlt: [brand.logo?.alt ?? ''],
    logoWidth: [String(brand.logo?.width ?? 160)],
    ...font('heading'),
    ...font('body'),
    radius: [brand.radius === undefined ? '' : String(brand.radius)],
    footer: [brand.footer ?? ''],
    social: [(brand.social ?? []).map(({ name, url }) => `${name} ${url}`).join('\n')],
  };
}

/**
 * A look as its form has it. Mistakes are put to their fields; what is wrong is left out of the brand, so that the rest can be
 * shown.
 */
export function lookFrom(
  values: Values,
  saved: Pick<Newsletter, 'theme'>,
  say: Say,
  mistakes: Mistakes,
): { theme: string; brand: Brand } {
  const theme = themesFor(saved).some(({ value }) => value === one(values, 'theme'))
    ? one(values, 'theme')
    : saved.theme;
  const brand: Brand = {};
  /** Takes a value into the brand, if the brand may have it. */
  const take = <Name extends keyof Brand>(name: Name, value: unknown, field: string, mistake: string) => {
    const parsed = brandSchema.safeParse({ [name]: value });
    if (parsed.success) Object.assign(brand, parsed.data);
    else mistakes[field] = mistake;
  };
  for (const name of ['colour', 'darkColour'] as const)
    if (one(values, name)) take(name, one(values, name), name, say('badColour'));
  takeLogo(values, say, mistakes, (logo) => Object.assign(brand, { logo }));
  const fonts = Object.fromEntries(
    (['heading', 'body'] as const)
      .map((which) => [which, fontFrom(values, which, say, mistakes)] as const)
      .filter(([, font]) => font !== undefined),
  );
  if (Object.keys(fonts).length > 0) Object.assign(brand, brandSchema.safeParse({ fonts }).data ?? {});
  if (one(values, 'radius')) take('radius', Number(one(values, 'radius')), 'radius', say('badRadius'));
  if (one(values, 'footer')) take('footer', one(values, 'footer'), 'footer', say('footerLong'));
  const social = one(values, 'social')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [, name = line, url = ''] = /^(.*?)\s+(\S+)$/.exec(line.slice(0, longestProfile)) ?? [];
      return { name, url };
    });
  if (social.length > 0) take('social', social, 'social', say('badSocial'));
  return { theme, brand };
}

function takeLogo(values: Values, say: Say, mistakes: Mistakes, take: (logo: Brand['logo']) => void): void {
  const url = one(values, 'logoUrl');
  if (!url) return;
  const width = one(values, 'logoWidth') === '' ? 160 : Number(one(values, 'logoWidth'));
  const parsed = brandSchema.shape.logo.safeParse({ url, alt: one(values, 'logoAlt'), width });
  if (parsed.success) {
    if (/\.svg(?:$|[?#])/i.test(url)) mistakes.logoUrl = say('logoSvg');
    else take(parsed.data);
    return;
  }
  for (const { path } of parsed.error.issues)
    if (path[0] === 'width') mistakes.logoWidth = say('badWidth');
    else if (path[0] === 'url') mistakes.logoUrl = say('badUrl');
    else mistakes.logoAlt = say('badUtm');
}

function fontFrom(values: Values, which: 'heading' | 'body', say: Say, mistakes: Mistakes): unknown {
  const chosen = one(values, `${which}Font`);
  if (chosen !== webFont) return fontNames.includes(chosen) ? chosen : undefined;
  const font = {
    family: one(values, `${which}Family`),
    url: one(values, `${which}Url`),
    fallback: one(values, `${which}Fallback`),
  };
  const parsed = brandSchema.safeParse({ fonts: { [which]: font } });
  if (parsed.success) return font;
  if (!/^[\p{L}\p{N} -]{1,60}$/u.test(font.family)) mistakes[`${which}Family`] = say('badFamily');
  else mistakes[`${which}Url`] = say('badUrl');
  return undefined;
}

/** The themes among which a newsletter may choose: those that come with Broadsheet, and its own if it has one. */
export function themesFor({ theme: current }: Pick<Newsletter, 'theme'>): { value: string; theme: Theme }[] {
  const known = listThemes().map((theme) => ({ value: theme.name, theme }));
  if (known.some(({ value }) => value === current)) return known;
  try {
    return [...known, { value: current, theme: findTheme(current) }];
  } catch {
    return known;
  }
}

/** How a colour reads where a theme puts it. */
export interface Reading {
  where: 'onAccent' | 'asText' | 'inDark';
  /** The text and what it is on, as it was asked for. */
  text: string;
  ground: string;
  /** From 1 to 21. */
  ratio: number;
  isFine: boolean;
  /** The colour that is taken in its place; undefined: it is taken as it is. */
  instead?: string;
}

/** How a brand's colours read, by WCAG 2.2. */
export function readings(brand: Brand, theme: Theme): Reading[] {
  const look = themeBrand(brand, theme.brand.defaults);
  const asked = brand.colour ?? theme.brand.defaults.colour;
  const askedDark = brand.darkColour ?? (brand.colour ? asked : (theme.brand.defaults.darkColour ?? asked));
  const reading = (where: Reading['where'], text: string, ground: string, taken?: string): Reading => {
    const ratio = contrast(text, ground);
    const isFine = ratio >= leastContrast;
    return { where, text, ground, ratio, isFine, ...(!isFine && taken && { instead: taken }) };
  };
  return [
    reading('onAccent', look.onColour, look.colour),
    reading('asText', asked, paper.light, look.textColour),
    reading('inDark', askedDark, paper.dark, look.darkColour),
  ];
}
