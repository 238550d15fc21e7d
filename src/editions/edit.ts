import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { type Edition, getEdition } from './editions.ts';
import { type SubjectTest, subjectTestSchema, triedSubjects, trySubjects } from './subject-test.ts';

/** What an editor changes of an edition's lines; what is left out stays. */
export interface EditionEdit {
  subject?: string;
  preheader?: string;
  /** Further subjects to try out; none: no test. */
  tried?: string[];
}

const longest = { subject: 250, preheader: 250 };

/**
 * Changes an edition's subject, preheader and the subjects that it tries out. Its version grows: it has to be rendered
 * again.
 * @throws UserError if the edition is past changing, or a line is empty or too long
 */
export async function editEdition(context: Context, editionId: number, edit: EditionEdit): Promise<Edition> {
  const subject = edit.subject === undefined ? undefined : line('subject', edit.subject);
  const preheader = edit.preheader === undefined ? undefined : line('preheader', edit.preheader);
  const tried = edit.tried?.map((each) => line('subject', each));
  if (tried && tried.length > 3)
    throw new UserError('At most three further subjects can be tried out.', { code: 'usage' });
  return context.db.transaction().execute(async (transaction) => {
    const changed = await transaction
      .updateTable('editions')
      .set((e) => ({
        ...(subject === undefined ? {} : { subject }),
        ...(preheader === undefined ? {} : { preheader }),
        version: e('version', '+', 1),
        updated_at: context.clock.now(),
      }))
      .where('id', '=', editionId)
      .where('state', 'in', ['draft', 'review'])
      .returningAll()
      .executeTakeFirst();
    if (!changed) {
      const { state } = await getEdition(context, editionId);
      throw new UserError(`Edition ${editionId} cannot be changed any more: it is ${state}.`, {
        code: 'state',
      });
    }
    const before = await triedSubjects({ db: transaction }, editionId);
    const { patterns: _, ...usual } = subjectTestSchema.parse({ patterns: ['-'] });
    const settings = (changed.subject_test as SubjectTest | null) ?? usual;
    await trySubjects(transaction, changed as Edition, tried ?? before, settings);
    return getEdition({ ...context, db: transaction }, editionId);
  });
}

function line(what: 'subject' | 'preheader', text: string): string {
  const clean = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  if (clean === '' && what === 'subject') throw new UserError('A subject is not empty.', { code: 'usage' });
  if (clean.length > longest[what])
    throw new UserError(`A ${what} has at most ${longest[what]} characters; this one has ${clean.length}.`, {
      code: 'usage',
    });
  return clean;
}
