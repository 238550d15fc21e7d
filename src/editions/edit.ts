import type { Context } from '../context.ts';
import { type Edition, getEdition } from './editions.ts';
import type { Editor } from './revise/history.ts';
import { revise } from './revise/revise.ts';

/** What an editor changes of an edition's lines; what is left out stays. */
export interface EditionEdit {
  subject?: string;
  preheader?: string;
  /** Further subjects to try out; none: no test. */
  tried?: string[];
}

/**
 * Changes an edition's subject, preheader and the subjects that it tries out, as it is now. Its version grows: it has to be
 * rendered again.
 * @throws UserError as `revise`
 */
export async function editEdition(
  context: Context,
  editionId: number,
  edit: EditionEdit,
  user: Editor = null,
): Promise<Edition> {
  const before = await getEdition(context, editionId);
  const { subject, preheader, tried } = edit;
  if (subject === undefined && preheader === undefined && tried === undefined) return before;
  const { edition } = await revise(context, {
    editionId,
    base: before.version,
    user,
    change: { kind: 'lines', subject, preheader, tried },
  });
  return edition;
}
