import type { Context } from '../../../context.ts';
import type { Slot } from '../../../editions/content.ts';
import type { EditionState } from '../../../editions/editions.ts';
import { usualFigures } from '../../../feedback/edition-figures.ts';
import { keptReport } from '../../../feedback/edition-report.ts';
import { parsePolicy } from '../../../selection/policy.ts';

/** An edition whose report is looked at. */
export interface ReportedEdition {
  id: number;
  newsletterId: number;
  newsletter: string;
  slug: string;
  timeZone: string;
  subject: string;
  state: EditionState;
  at: Date;
  /** Of each place its name and heading. */
  slots: Pick<Slot, 'name' | 'title'>[];
}

/** The edition, if there is one. */
export async function reportedEdition(
  { db }: Pick<Context, 'db'>,
  id: number,
): Promise<ReportedEdition | undefined> {
  const row = await db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .select([
      'editions.id',
      'editions.newsletter_id as newsletterId',
      'newsletters.name as newsletter',
      'newsletters.slug',
      'newsletters.time_zone as timeZone',
      'editions.subject',
      'editions.state',
      'editions.scheduled_for',
      'editions.planned_at',
      'editions.policy',
    ])
    .where('editions.id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const { scheduled_for, planned_at, policy, state, ...edition } = row;
  return {
    ...edition,
    state: state as EditionState,
    at: planned_at ?? scheduled_for,
    slots: parsePolicy(policy).slots,
  };
}

/** What a place is called. */
export const slotTitle = ({ slots }: Pick<ReportedEdition, 'slots'>, slot: string): string => {
  const title = slots.find(({ name }) => name === slot)?.title ?? slot;
  return title.charAt(0).toUpperCase() + title.slice(1);
};

/** What the page shows of an edition. */
export async function readEditionReport(context: Pick<Context, 'db'>, edition: ReportedEdition) {
  const [kept, usual] = await Promise.all([
    keptReport(context, edition.id),
    usualFigures(context, [edition.id]),
  ]);
  return { kept, usual: usual.get(edition.id) };
}
