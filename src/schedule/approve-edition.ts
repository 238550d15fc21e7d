import type { Context } from '../context.ts';
import type { Edition } from '../editions/editions.ts';
import { move } from '../editions/lifecycle.ts';
import { UserError } from '../errors.ts';
import { blockedBy, checkEdition, keptFindings } from '../rendering/checks/check-edition.ts';
import { counted, type Finding } from '../rendering/checks/finding.ts';

/**
 * Approves an edition in review after a look at what the checks found in this version of it; it is checked if it was not
 * yet. Approved is the version that was looked at, or nothing.
 * @param tell gets the errors and warnings, before anything is decided
 * @param anyway approve it whatever the checks found
 * @throws UserError if there are errors that the newsletter's settings mind (its details are the findings), or the
 * edition is in no state to be approved
 */
export async function approveEdition(
  context: Context,
  edition: Edition,
  tell: (findings: Finding[]) => void,
  { anyway = false }: { anyway?: boolean } = {},
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
  return { edition: await move(context, edition.id, 'approve', null, edition.version), findings };
}
