import { isIP } from 'node:net';
import { styleText } from 'node:util';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../clock.ts';
import type { Finding } from '../doctor/finding.ts';
import type { Part } from '../doctor/look.ts';
import { createOutput } from './command.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';

const { examine } = lazily(() => import('../doctor/examine.ts'));

const marks = {
  ok: ['green', 'ok     '],
  warning: ['yellow', 'warning'],
  failed: ['red', 'failed '],
  unknown: ['cyan', 'unknown'],
} as const;

// Named here, so that help needs nothing of what does the work; a test holds the two together.
/** What `--only` takes. */
export const partNames: readonly Part[] = [
  ...(['settings', 'disk', 'database', 'clock', 'mail', 'dns', 'address', 'bounces', 'secrets'] as const),
  'bulk-senders',
];

interface Options {
  only?: Part[];
  dns?: string;
  ip?: string[];
  to?: string;
}

/** `broadsheet doctor`: whether everything that an installation stands on is as it should be. */
export function register(group: Command): void {
  group
    .addOption(new Option('--only <part...>', 'look at these alone').choices(partNames))
    .option('--dns <host:port>', 'ask this name server instead of those of this machine')
    .option(
      '--ip <address...>',
      'the addresses that mail leaves from, if not those of the routes’ hosts',
      addresses,
    )
    .option('--to <address>', 'whom mail servers are asked about; nothing is sent there')
    .addHelpText(
      'after',
      helpText({
        text: 'Nothing is changed and no mail is sent: mail servers are connected to, asked for TLS, logged in to, asked whether they\nwould take a message, and left. It ends within 20 seconds. docs/doctor.md tells what each line means.',
        json: '{ healthy, findings: [{ check, status, says, mend, from }] }; status is "ok", "warning", "failed" or "unknown"; from: whose rule it is',
        examples: [
          'doctor',
          'doctor --only dns bulk-senders --ip 203.0.113.7',
          `doctor --json | jq '.findings[] | select(.status != "ok")'`,
        ],
      }),
    )
    .action(async ({ only, dns, ip, to }: Options, command: Command) => {
      const output = createOutput(command);
      const { findings, unfinished } = await examine(systemClock, process.env, process.cwd(), {
        ...(only && { only }),
        ...(dns !== undefined && { dns }),
        ...(ip && { ips: ip }),
        ...(to !== undefined && { to }),
      });
      for (const finding of findings) output.text(...lines(finding));
      const count = (status: Finding['status']) => findings.filter((each) => each.status === status).length;
      const [failures, warnings, open] = [count('failed'), count('warning'), count('unknown')];
      output.text(
        '',
        failures + warnings === 0
          ? `All is well${open > 0 ? `, as far as can be known from here (${open} cannot)` : ''}.`
          : `${failures} failed, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}, ${open} not to be known from here.`,
      );
      output.result({ healthy: failures === 0, findings });
      if (failures > 0) process.exitCode = 1;
      // What was given up may hold a connection for minutes.
      if (unfinished) process.stdout.write('', () => process.exit());
    });
}

function addresses(value: string, before: string[] = []): string[] {
  if (isIP(value) === 0) throw new InvalidArgumentError('It is no IP address such as 203.0.113.7.');
  return [...before, value];
}

function lines({ check, status, says, mend, from }: Finding): string[] {
  const [colour, word] = marks[status];
  return [
    `${styleText(colour, word)}  ${check}: ${says}${from ? styleText('dim', ` (${from})`) : ''}`,
    ...(mend ? [`         ${mend}`] : []),
  ];
}
