import type { Context } from '../context.ts';
import type { Edition } from '../editions/editions.ts';
import { move } from '../editions/lifecycle.ts';
import { UserError } from '../errors.ts';
import { blockedBy, checkEdition, keptFindings } from '../rendering/checks/check-edition.ts';
import { counted, type Finding } from '../rendering/checks/finding.ts';

/** How an edition is approved. */
export interface Approval {
  /** Approve it whatever the checks found. */
  anyway?: boolean;
  /** Nothing of it leaves before; null: its scheduled time. Not given: as it was chosen before. */
  startsAt?: Date | null;
  /** Called in the transaction of the approval: what it writes is there exactly if the edition is approved. */
  note?: (db: Context['db'], edition: Edition) => Promise<void>;
}

/**
 * Approves an edition in review after a look at what the checks found in this version of it; it is checked if it was not
 * yet. Approved is the version that was looked at, or nothing.
 * @param tell gets the errors and warnings, before anything is decided
 * @throws UserError if there are errors that the newsletter's settings mind (its details are the findings), or the
 * edition is in no state to be approved
 */
export async function approveEdition(
  context: Context,
  edition: Edition,
  tell: (findings: Finding[]) => void,
  { anyway = false, startsAt, note }: Approval = {},
): Promise<{ edition: Edition; findings: Finding[] }> {
  // In any other state this says why not.
  if (edition.state !== 'review')
    return { edition: await move(context, edition.id, 'approve'), findings: [] };
  const findings = (keptFindings(edition) ?? (await checkEdition(context, edition))).filter(
    ({ severity }) => severity !== 'hint',
  );
  tell(findings);
  const { checks } = await context.db
    .selectFrom('newsletters')
    .select('checks')
    .where('id', '=', edition.newsletter_id)
    .executeTakeFirstOrThrow();
  if (!anyway && blockedBy(findings, checks)) {
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    throw new UserError(
      `Edition ${edition.id} was not approved: the checks found ${counted(errors, 'error')}.`,
      {
        code: 'checks',
        hint: `Mend what is wrong and build it again (broadsheet editions build --edition ${edition.id}), or approve it as it is: broadsheet editions approve ${edition.id} --anyway`,
        details: { findings },
      },
    );
  }
  const approved = await context.db.transaction().execute(async (transaction) => {
    const within = { ...context, db: transaction };
    const moved = await move(within, edition.id, 'approve', null, edition.version, startsAt);
    await note?.(transaction, moved);
    return moved;
  });
  return { edition: approved, findings };
}
