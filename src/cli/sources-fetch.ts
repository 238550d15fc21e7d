import type { Command } from 'commander';
import type { Source, SourceOutcome } from '../stories/sources.ts';
import { type CommandContext, type Output, withContext } from './command.ts';
import { helpText } from './help.ts';
import { Interrupted, interruptible } from './interrupt.ts';
import { lazily } from './lazily.ts';
import { startProgress } from './progress.ts';
import { printProblems, summary } from './stories.ts';

const { fetchDueSources, fetchSource, findSource } = lazily(() => import('../stories/sources.ts'));

/** The exit code when some sources failed, the others were fetched. */
const someFailed = 3;

/** `broadsheet sources fetch`. */
export function registerFetch(group: Command): void {
  group
    .command('fetch [sources...]')
    .description('fetch the sources that are due, or the named ones now; exits with 3 if some failed')
    .addHelpText(
      'after',
      helpText({
        text: 'Ctrl-C ends it after the source at hand; those left are due still.',
        json: '[{ id, name, outcome, intake: { added, updated, unchanged, problems, … }, error, note, nextFetchAt }];\n  outcome is "fetched", "unchanged" or "failed"',
        examples: ['sources fetch', 'sources fetch Herald 3'],
      }),
    )
    .action((references: string[], _options, command: Command) =>
      withContext(command, async (context, output) => {
        const outcomes: SourceOutcome[] = [];
        if (references.length === 0) outcomes.push(...(await fetchDueSources(context)));
        else {
          const sources: Source[] = [];
          for (const reference of references) sources.push(await findSource(context, reference));
          outcomes.push(...(await fetchEach(context, sources)));
        }
        if (outcomes.length === 0) output.text('No source is due.');
        for (const outcome of outcomes) print(output, outcome);
        output.result(outcomes);
        if (outcomes.some(({ outcome }) => outcome === 'failed')) process.exitCode = someFailed;
      }),
    );
}

/** Fetches one after the other, as somebody watches. @throws Interrupted after the source at hand, at Ctrl-C */
async function fetchEach(context: CommandContext, sources: Source[]): Promise<SourceOutcome[]> {
  const interrupt = interruptible();
  const progress = startProgress('sources', { total: sources.length });
  const outcomes: SourceOutcome[] = [];
  try {
    for (const source of sources) {
      if (interrupt.signal.aborted)
        throw new Interrupted(
          `${outcomes.length} of ${sources.length} were fetched. The same command goes on with the others.`,
        );
      outcomes.push(await fetchSource(context, source));
      progress.update(outcomes.length);
    }
  } finally {
    progress.end();
    interrupt.end();
  }
  return outcomes;
}

function print(output: Output, outcome: SourceOutcome): void {
  if (outcome.outcome === 'failed') output.text(`${outcome.name}: failed. ${outcome.error}`);
  else if (outcome.outcome === 'unchanged') output.text(`${outcome.name}: nothing new.`);
  else output.text(`${outcome.name}: ${summary(outcome.intake)}`);
  if (outcome.note) output.text(`  ${outcome.note}`);
  printProblems(output, outcome.intake);
}
