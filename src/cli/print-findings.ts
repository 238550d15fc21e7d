import { counted, type Finding, placeInWords, severities } from '../rendering/checks/finding.ts';
import type { Output } from './command.ts';

/** Prints findings by severity, each with where it is and what to do. */
export function printFindings(output: Output, findings: Finding[]): void {
  for (const severity of severities) {
    const these = findings.filter((each) => each.severity === severity);
    if (these.length === 0) continue;
    output.text(`${counted(these.length, severity).toUpperCase()}`);
    for (const { check, message, where, mend } of these)
      output.text(`  ${message} [${check}]`, `    where: ${placeInWords(where)}`, `    mend:  ${mend}`);
    output.text('');
  }
}
