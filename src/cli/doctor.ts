import { styleText } from 'node:util';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import type { Finding } from '../doctor/finding.ts';
import { createOutput } from './command.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';

const { examine } = lazily(() => import('../doctor/examine.ts'));

const marks = {
  ok: ['green', 'ok     '],
  warning: ['yellow', 'warning'],
  failed: ['red', 'failed '],
} as const;

/** `broadsheet doctor`: whether everything that an installation stands on is as it should be. */
export function register(group: Command): void {
  group
    .addHelpText(
      'after',
      helpText({
        text: 'Nothing is changed and no mail is sent: mail servers are connected to, asked for TLS, logged in to and left.\nDNS records are not looked at.',
        json: '{ healthy, findings: [{ check, status, says, mend }] }; status is "ok", "warning" or "failed"',
        examples: ['doctor', `doctor --json | jq '.findings[] | select(.status != "ok")'`],
      }),
    )
    .action(async (_options, command: Command) => {
      const output = createOutput(command);
      const findings = await examine(systemClock);
      for (const finding of findings) output.text(...lines(finding));
      const failures = findings.filter(({ status }) => status === 'failed').length;
      const warnings = findings.filter(({ status }) => status === 'warning').length;
      output.text(
        '',
        failures + warnings === 0
          ? 'All is well.'
          : `${failures} failed, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`,
      );
      output.result({ healthy: failures === 0, findings });
      if (failures > 0) process.exitCode = 1;
    });
}

function lines({ check, status, says, mend }: Finding): string[] {
  const [colour, word] = marks[status];
  return [`${styleText(colour, word)}  ${check}: ${says}`, ...(mend ? [`         ${mend}`] : [])];
}
