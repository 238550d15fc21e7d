import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { checked } from '../checked.ts';
import { messageOf, UserError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';
import { type BrandDefaults, brandSchema, plainBrand, themeBrand } from './brand.ts';
import type { ThemeProps } from './theme-props.ts';

const builtIn = join(packageRoot, 'emails', 'themes');
const templateName = /\.(?:tsx|mjml)$/;

const manifestSchema = z.strictObject({
  name: z
    .string('is the name of the theme, such as "evening".')
    .regex(/^[a-z][a-z0-9-]*$/, 'is made of lower-case letters, digits and hyphens, such as "evening".'),
  title: z.string('is what people call it.').min(1, 'is not empty.').max(60, 'has at most 60 characters.'),
  description: z.string('is a sentence.').max(300, 'has at most 300 characters.').default(''),
  /** From the theme's folder. */
  template: z.string('is the file of the template.').regex(templateName, 'is a .tsx or an .mjml file.'),
  /** Files with what a preview shows (a ThemeProps as JSON), by language. */
  preview: z.record(z.string(), z.string('is a JSON file.'), 'is {"en": "preview.json"}.').default({}),
  /** Whether the template shows `note` of stories: words of the editors beneath them. */
  notes: z.boolean('is true or false.').default(false),
  /** How the plain text is written. */
  text: z
    .strictObject({ links: z.enum(['inline', 'numbered'], 'is "inline" or "numbered".').default('inline') })
    .prefault({}),
  brand: z
    .strictObject({
      /** The settings of a newsletter's brand that the theme shows. */
      uses: z.array(z.enum(Object.keys(brandSchema.shape) as (keyof typeof brandSchema.shape)[])).default([]),
      defaults: brandSchema
        .pick({ colour: true, darkColour: true })
        .required({ colour: true })
        .default(plainBrand),
    })
    .prefault({}),
});

/** What theme.json says of a theme. */
export type ThemeManifest = z.infer<typeof manifestSchema>;

/** A theme that was found. */
export interface Theme {
  name: string;
  title: string;
  description: string;
  /** Absolute path of the template. */
  file: string;
  /** Absolute path of theme.json's folder; undefined for a template without one. */
  folder: string | undefined;
  /** How links stand in the plain text: beneath their story, or numbered and listed at the end. */
  textLinks: 'inline' | 'numbered';
  /** Whether it shows words of the editors beneath stories. */
  notes: boolean;
  brand: { uses: string[]; defaults: BrandDefaults };
  /** Absolute paths of preview data by language. */
  previews: Record<string, string>;
}

/**
 * Finds a theme: one of Broadsheet's by name, or by path a folder with a theme.json or a bare .tsx or .mjml file.
 * @throws UserError listing what was looked for, or what is wrong in theme.json
 */
export function findTheme(nameOrPath: string): Theme {
  // Paths come from the command line and the database; what is no plain path is not looked for.
  const plain = /^[\p{L}\p{N}_./\\: ~-]+$/u.test(nameOrPath) ? nameOrPath : undefined;
  if (plain && /^[a-z][a-z0-9-]*$/.test(plain) && existsSync(join(builtIn, plain, 'theme.json')))
    return readTheme(join(builtIn, plain));
  const path = plain && resolve(plain);
  if (path && existsSync(path)) {
    if (templateName.test(path)) return bareTheme(path);
    if (existsSync(join(path, 'theme.json'))) return readTheme(path);
  }
  throw new UserError(
    `There is no theme "${nameOrPath}" (looked for ${join(builtIn, nameOrPath, 'theme.json')} and ${resolve(nameOrPath)}).`,
    {
      code: 'template',
      hint: `Choose ${builtInNames().join(', ')}, or give the path of a folder with a theme.json, or of a .tsx or .mjml file.`,
    },
  );
}

/** The themes that come with Broadsheet, by name. */
export function listThemes(): Theme[] {
  return builtInNames().map((name) => readTheme(join(builtIn, name)));
}

/** The template of a theme. @throws UserError as `findTheme` */
export function themeFile(nameOrPath: string): string {
  return findTheme(nameOrPath).file;
}

/**
 * What a preview of a theme shows: its data for a language, or the first that there is, in the theme's own colours.
 * @throws UserError naming the file that is missing or no JSON
 */
export function themePreview(theme: Theme, language = 'en'): ThemeProps {
  const file = theme.previews[language] ?? Object.values(theme.previews)[0];
  if (!file)
    throw new UserError(`The theme "${theme.name}" has no preview data.`, {
      code: 'template',
      hint: 'Name a JSON file under "preview" in its theme.json; docs/themes.md shows one.',
    });
  const props = readJson(file) as ThemeProps;
  const { footer, social } = props.brand;
  return { ...props, brand: themeBrand({ footer, social }, theme.brand.defaults) };
}

function builtInNames(): string[] {
  return readdirSync(builtIn)
    .filter((name) => existsSync(join(builtIn, name, 'theme.json')))
    .sort();
}

function bareTheme(file: string): Theme {
  const name = file.replace(/^.*[\\/]/, '').replace(templateName, '');
  return {
    name,
    title: name,
    description: '',
    file,
    folder: undefined,
    textLinks: 'inline',
    notes: false,
    brand: { uses: [], defaults: plainBrand },
    previews: {},
  };
}

function readTheme(folder: string): Theme {
  const manifestFile = join(folder, 'theme.json');
  const data = checked(manifestSchema, readJson(manifestFile), {
    says: `The theme ${manifestFile} is wrong`,
    root: 'theme.json',
    between: ' ',
    code: 'template',
    details: { file: manifestFile },
    hint: 'docs/themes.md lists what theme.json may say.',
  });
  const file = inside(folder, data.template);
  if (!existsSync(file) || !statSync(file).isFile())
    throw new UserError(`The theme ${manifestFile} names a template that is not there: ${file}.`, {
      code: 'template',
      details: { file: manifestFile },
      hint: '"template" is a path from the folder of theme.json.',
    });
  return {
    name: data.name,
    title: data.title,
    description: data.description,
    file,
    folder,
    textLinks: data.text.links,
    notes: data.notes,
    brand: data.brand,
    previews: Object.fromEntries(
      Object.entries(data.preview).map(([language, each]) => [language, inside(folder, each)]),
    ),
  };
}

/** A file that a manifest names. Those of a user's theme stay within its folder, so that it can be copied whole. */
function inside(folder: string, file: string): string {
  const path = resolve(folder, file);
  const home = folder.startsWith(builtIn) ? dirname(builtIn) : folder;
  if (relative(home, path).startsWith('..'))
    throw new UserError(`The theme ${join(folder, 'theme.json')} names a file outside its folder: ${file}.`, {
      code: 'template',
      hint: 'Put the file into the folder of the theme.',
    });
  return path;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file} cannot be read as JSON: ${messageOf(error)}.`, {
      code: 'template',
      details: { file },
      cause: error,
    });
  }
}
