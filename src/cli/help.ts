/** What a command's help says beside its options. */
export interface HelpParts {
  /** Further sentences. */
  text?: string;
  /** What is printed with --json, as the names of its fields: "[{ id, slug }]"; further words may follow. */
  json?: string;
  /** Command lines, at least one; "broadsheet" is put before those that do not name it. */
  examples: readonly string[];
}

/**
 * The end of a command's help, for `addHelpText('after', …)`. docs/cli.md repeats it, and tests hold each command to having
 * examples, and what lists and shows to the fields that it names.
 */
export function helpText({ text, json, examples }: HelpParts): string {
  return [
    ...(text ? ['', text] : []),
    ...(json ? ['', `With --json: ${json}`] : []),
    '',
    examples.length === 1 ? 'Example:' : 'Examples:',
    ...examples.map((example) => `  ${example.includes('broadsheet ') ? example : `broadsheet ${example}`}`),
  ].join('\n');
}
