import type { Context } from '../context.ts';
import { contentOf, type Edition } from '../editions/editions.ts';
import { parsePolicy } from '../selection/policy.ts';
import { type CompiledEdition, compileEdition, parseCompiled, serialiseCompiled } from './compile.ts';

/**
 * Compiles an edition and keeps the result with it, so that workers on any host send the same bytes.
 * @throws UserError naming the template and line, if the theme fails
 */
export async function compileAndStore(context: Context, edition: Edition): Promise<CompiledEdition> {
  const content = await contentOf(context, edition, parsePolicy(edition.policy).slots);
  const compiled = await compileEdition(content);
  const row = {
    compiled: serialiseCompiled(compiled),
    version: edition.version,
    compiled_at: context.clock.now(),
  };
  await context.db
    .insertInto('compiled_editions')
    .values({ edition_id: edition.id, variant: 'default', ...row })
    .onConflict((conflict) => conflict.columns(['edition_id', 'variant']).doUpdateSet(row))
    .execute();
  return compiled;
}

/** The compiled form of an edition, or undefined if it was never compiled. */
export async function loadCompiled(
  context: Pick<Context, 'db'>,
  editionId: number,
): Promise<CompiledEdition | undefined> {
  const row = await context.db
    .selectFrom('compiled_editions')
    .select('compiled')
    .where('edition_id', '=', editionId)
    .where('variant', '=', 'default')
    .executeTakeFirst();
  return row && parseCompiled(row.compiled);
}
