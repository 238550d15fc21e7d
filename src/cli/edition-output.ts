import type { Context } from '../context.ts';
import type { DeliveryReport } from '../delivery/report.ts';
import type { Edition } from '../editions/editions.ts';
import type { Output } from './command.ts';
import { lazily } from './lazily.ts';

const { deliveryReport } = lazily(() => import('../delivery/report.ts'));
const { storiesOf } = lazily(() => import('../editions/editions.ts'));

/** What "editions list" and others give of an edition with --json. */
export const editionFields =
  '{ id, newsletterId, scheduledFor, state, stateReason, subject, preheader, theme, language, version, recipients,\n  builtAt, approvedAt, sentAt }';
/** What "editions show" gives. */
export const editionWithStories = editionFields.replace(
  ' }',
  ',\n  stories: [{ key, position, slot, title, url, publisher, … }], deliveries: null or what "editions report" counts }',
);

/** Prints an edition with its stories, and where its deliveries stand. */
export async function printEdition(context: Context, output: Output, edition: Edition): Promise<void> {
  const stories = await storiesOf(context, edition.id);
  output.text(
    `Edition ${edition.id}, for ${edition.scheduled_for.toISOString()}: ${edition.state}${edition.state_reason ? ` (${edition.state_reason})` : ''}`,
    ...(edition.subject ? [`Subject: ${edition.subject}`] : []),
    '',
  );
  output.table(
    stories
      .filter((story) => story.slot !== 'reserve')
      .map((story) => ({
        '#': story.position + 1,
        slot: story.slot,
        publisher: story.publisher,
        title: story.title || (story.note?.text ?? ''),
      })),
    'It has no stories.',
  );
  const report = edition.planned_at ? await deliveryReport(context, edition.id) : null;
  if (report) {
    output.text('');
    printReport(output, report);
  }
  output.result({ ...shown(edition), stories, deliveries: report });
}

/** Accounts for the deliveries of an edition. */
export function printReport(output: Output, report: DeliveryReport): void {
  const parts = ['accepted', 'deferred', 'failed', 'skipped', 'uncertain', 'waiting'] as const;
  output.text(
    `${report.planned} planned = ${parts
      .filter((part) => report[part] > 0 || part === 'accepted')
      .map((part) => `${report[part]} ${part}`)
      .join(' + ')}${report.sums ? '' : ' (these do not add up: please report this)'}`,
  );
  const { bounced, complaints, unsubscribed } = report;
  if (bounced + complaints + unsubscribed > 0)
    output.text(`  came back: ${bounced} bounced, ${complaints} complained, ${unsubscribed} left by it`);
  for (const { state, detail, count } of report.reasons)
    output.text(`  ${count} ${state}: ${detail || 'no reason given'}`);
  for (const { subscriberId, email, detail } of report.uncertainDeliveries)
    output.text(`  uncertain: ${email ?? `subscriber ${subscriberId}`} (${detail})`);
  for (const { subscriberId, email, state } of report.doubtedDeliveries)
    output.text(`  may have it twice: ${email ?? `subscriber ${subscriberId}`} (${state})`);
}

/** The documented shape of an edition in `--json`. */
export function shown(edition: Edition) {
  return {
    id: edition.id,
    newsletterId: edition.newsletter_id,
    scheduledFor: edition.scheduled_for,
    state: edition.state,
    stateReason: edition.state_reason,
    subject: edition.subject,
    preheader: edition.preheader,
    theme: edition.theme,
    language: edition.language,
    version: edition.version,
    recipients: edition.planned_count,
    builtAt: edition.built_at,
    approvedAt: edition.approved_at,
    sentAt: edition.sent_at,
  };
}
