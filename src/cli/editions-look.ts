import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { SubjectTest } from '../editions/subject-test.ts';
import { withContext } from './command.ts';
import { printReport, shown } from './edition-output.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { printFindings } from './print-findings.ts';

const { deliveryReport } = lazily(() => import('../delivery/report.ts'));
const { findEdition } = lazily(() => import('../editions/editions.ts'));
const { subjectFor } = lazily(() => import('../editions/subject-test.ts'));
const { checkEdition } = lazily(() => import('../rendering/checks/check-edition.ts'));
const { pageFor } = lazily(() => import('./edition-reader.ts'));

/** `broadsheet editions preview`, `check`, `subjects` and `report`: what an edition is like, and what became of it. */
export function registerLooks(group: Command): void {
  group
    .command('preview <edition>')
    .description('print an edition as a subscriber would get it')
    .option('--as <email>', 'as this subscriber (default: one without wishes)')
    .option('--html', 'print the HTML instead of the text')
    .option('--out <file>', 'write the HTML to a file')
    .addHelpText(
      'after',
      helpText({
        json: 'the edition, and { html, text, … } as the reader gets it',
        examples: ['editions preview morning', 'editions preview 12 --as ada@example.com --out preview.html'],
      }),
    )
    .action((which: string, options: { as?: string; html?: boolean; out?: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const edition = await findEdition(context, which);
        const page = await pageFor(context, edition, options.as);
        if (options.out) {
          writeFileSync(options.out, page.html);
          output.text(`Wrote ${options.out}.`);
        } else output.text(options.html ? page.html : page.text);
        output.result({ ...shown(edition), ...page });
      }),
    );

  group
    .command('check <edition>')
    .description('look for what would go wrong in readers’ mail; exits with 1 if there are errors')
    .option('--no-links', 'do not follow links')
    .addHelpText(
      'after',
      helpText({
        json: '{ edition, version, findings: [{ check, severity, message, where, mend }] }',
        examples: ['editions check morning', 'editions check 12 --no-links'],
      }),
    )
    .action((which: string, { links }: { links: boolean }, command: Command) =>
      withContext(command, async (context, output) => {
        const edition = await findEdition(context, which);
        const findings = await checkEdition(context, edition, { links });
        printFindings(output, findings);
        if (findings.length === 0) output.text('Nothing was found.');
        output.result({ edition: edition.id, version: edition.version, findings });
        if (findings.some(({ severity }) => severity === 'error')) process.exitCode = 1;
      }),
    );

  group
    .command('subjects <edition>')
    .description('show the subjects that an edition tries out, and which one won')
    .addHelpText(
      'after',
      helpText({
        json: '{ subjects: [{ number, subject }], by, endsAt, …, outcome }',
        examples: ['editions subjects morning'],
      }),
    )
    .action((which: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const edition = await findEdition(context, which);
        const test = edition.subject_test as SubjectTest | null;
        if (test) await subjectFor(context, edition.id);
        const subjects = await context.db
          .selectFrom('edition_subjects')
          .select(['number', 'subject'])
          .where('edition_id', '=', edition.id)
          .orderBy('number')
          .execute();
        const outcome = ((await findEdition(context, which)).subject_test as SubjectTest | null)?.outcome;
        output.table(
          subjects.map(({ number, subject }) => {
            const result = outcome?.results.find((each) => each.subject === number);
            return {
              subject: number,
              text: subject,
              readers: result?.readers ?? '',
              [test?.by === 'opens' ? 'opened' : 'clicked']: result?.responded ?? '',
              p: result?.pValue?.toPrecision(2) ?? '',
              won: outcome?.winner === number ? 'yes' : '',
            };
          }),
          'This edition tries out no subjects.',
        );
        if (outcome) output.text('', `${outcome.why}.`);
        else if (test?.endsAt) output.text('', `It is decided at ${test.endsAt}.`);
        output.result({ subjects, ...(test ?? {}), outcome: outcome ?? null });
      }),
    );

  group
    .command('report <edition>')
    .description('account for every delivery of an edition, and for who opened and clicked')
    .addHelpText(
      'after',
      helpText({
        json: '{ planned, accepted, deferred, failed, skipped, uncertain, waiting, sums, bounced, complaints, unsubscribed, reasons,\n  uncertainDeliveries, doubtedDeliveries, engagement, … }',
        examples: ['editions report morning', 'editions report 12 --json | jq .uncertainDeliveries'],
      }),
    )
    .action((which: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const { id } = await findEdition(context, which);
        const report = await deliveryReport(context, id);
        const { engagementLines, engagementReport } = await import('../feedback/engagement-report.ts');
        const engagement = await engagementReport(context, id);
        printReport(output, report);
        output.text(...engagementLines(engagement));
        output.result({ ...report, engagement });
      }),
    );
}
