import type { Context } from '../context.ts';
import type { EditionContent } from '../editions/content.ts';
import { numberLinks } from '../editions/edition-links.ts';
import { contentOf, type Edition } from '../editions/editions.ts';
import { triedSubjects } from '../editions/subject-test.ts';
import { parseTracking } from '../editions/tracking.ts';
import { UserError } from '../errors.ts';
import { parsePolicy } from '../selection/policy.ts';
import {
  type CompiledEdition,
  type CompileOptions,
  compileEdition,
  parseCompiled,
  serialiseCompiled,
} from './compile.ts';
import { type HostedImages, hostImages } from './images.ts';
import { storyLinks } from './links.ts';
import type { TextLinks } from './text-digest.ts';
import { catalogueLanguage } from './words.ts';

/** Whom a form of an edition is for. */
export interface ReaderKind {
  /** A BCP 47 tag; null: the edition's. */
  language: string | null;
  /** Does not want to be counted. */
  untracked: boolean;
}

/** An edition in all its forms: one for each language of the frame, counted and not. */
export class CompiledForms {
  readonly #forms: Map<string, CompiledEdition>;
  readonly #language: string;

  /** @param language the edition's own */
  constructor(forms: Map<string, CompiledEdition>, language: string) {
    this.#forms = forms;
    this.#language = language;
  }

  /** The form for a reader: in their language, if there is one, else in the edition's. */
  for({ language, untracked }: ReaderKind): CompiledEdition {
    const wanted = (language && catalogueLanguage(language)) || this.#language;
    const form =
      this.#form(wanted, untracked) ??
      this.#form(this.#language, untracked) ??
      // As it was kept before there were several.
      this.#forms.get('default') ??
      this.#forms.values().next().value;
    if (!form) throw new Error('an edition has at least one form');
    return form;
  }

  #form(language: string, untracked: boolean): CompiledEdition | undefined {
    const plain = this.#forms.get(variantOf(language, false));
    return untracked ? plain : (this.#forms.get(variantOf(language, true)) ?? plain);
  }
}

// A reader of "pt" is served by "pt-BR" too.
function variantOf(language: string, counted: boolean): string {
  const name = catalogueLanguage(language) ?? language;
  return counted ? `${name} counted` : name;
}

/**
 * Compiles an edition and keeps the result with it, so that workers on any host send the same bytes.
 * @throws UserError naming the template and line, if the theme fails; with the code `state` if the edition was built or
 * edited anew meanwhile, and nothing is stored then
 */
export async function compileAndStore(context: Context, edition: Edition): Promise<CompiledForms> {
  const content = await contentOf(context, edition, parsePolicy(edition.policy).slots);
  const newsletter = await context.db
    .selectFrom('newsletters')
    .select(['tracking', 'languages', 'plain_links'])
    .where('id', '=', edition.newsletter_id)
    .executeTakeFirstOrThrow();
  const tracking = parseTracking(newsletter.tracking);
  const common: CompileOptions = {
    subjects: await triedSubjects(context, edition.id),
    images: await imagesFor(context, content),
    textLinks: (newsletter.plain_links as TextLinks | null) ?? undefined,
  };
  const base = context.config.publicUrl;
  const kinds: [counted: boolean, options: CompileOptions][] = [
    [false, { ...common, links: { utm: tracking.utm } }],
  ];
  if (tracking.privacy !== 'off' && (tracking.clicks || tracking.opens)) {
    const numbers = tracking.clicks
      ? await numberLinks(context, edition.id, storyLinks(content, tracking.utm))
      : undefined;
    kinds.push([
      true,
      {
        ...common,
        links: { utm: tracking.utm, counted: numbers && { base: `${base}/c`, numbers } },
        pixel: tracking.opens ? `${base}/o` : undefined,
      },
    ]);
  }
  const forms = new Map<string, CompiledEdition>();
  // The edition's own language before others of the same name.
  for (const language of [edition.language, ...newsletter.languages])
    for (const [counted, options] of kinds) {
      const variant = variantOf(language, counted);
      if (!forms.has(variant)) forms.set(variant, await compileEdition({ ...content, language }, options));
    }

  const rows = [...forms].map(([variant, compiled]) => ({
    edition_id: edition.id,
    variant,
    compiled: serialiseCompiled(compiled),
    version: edition.version,
    compiled_at: context.clock.now(),
  }));
  await context.db.transaction().execute(async (transaction) => {
    // The lock keeps the version as it is until this is stored.
    const { version } = await transaction
      .selectFrom('editions')
      .select('version')
      .where('id', '=', edition.id)
      .forShare()
      .executeTakeFirstOrThrow();
    if (version !== edition.version)
      throw new UserError(`Edition ${edition.id} was changed while it was rendered.`, {
        code: 'state',
        hint: `Build it again: broadsheet editions build --edition ${edition.id}`,
      });
    // Two who compile one version at once write the same rows, in the same order.
    await transaction
      .insertInto('compiled_editions')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['edition_id', 'variant']).doUpdateSet((e) => ({
          compiled: e.ref('excluded.compiled'),
          version: e.ref('excluded.version'),
          compiled_at: e.ref('excluded.compiled_at'),
        })),
      )
      .execute();
    await transaction
      .deleteFrom('compiled_editions')
      .where('edition_id', '=', edition.id)
      .where('variant', 'not in', [...forms.keys()])
      .execute();
  });
  return new CompiledForms(forms, edition.language);
}

async function imagesFor(context: Context, content: EditionContent): Promise<HostedImages | undefined> {
  const { images } = context.config;
  return images === 'keep' ? hostImages(context, content) : images === 'none' ? new Map() : undefined;
}

/** The compiled forms of an edition, or undefined if it was never compiled. */
export async function loadCompiled(
  context: Pick<Context, 'db'>,
  edition: Pick<Edition, 'id' | 'language'>,
): Promise<CompiledForms | undefined> {
  const rows = await context.db
    .selectFrom('compiled_editions')
    .select(['variant', 'compiled'])
    .where('edition_id', '=', edition.id)
    .execute();
  if (rows.length === 0) return undefined;
  const forms = rows.map(({ variant, compiled }) => [variant, parseCompiled(compiled)] as const);
  return new CompiledForms(new Map(forms), edition.language);
}
