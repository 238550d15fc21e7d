import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import {
  activateDkimKey,
  createDkimKey,
  type DkimKeyInfo,
  listDkimKeys,
  removeDkimKey,
} from '../delivery/dkim-keys.ts';
import { messageOf, UserError } from '../errors.ts';
import { withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';

const fields = '{ domain, selector, algorithm, createdAt, activeSince, recordName, record }';

/** `broadsheet dkim`: the keys that mail is signed with. */
export function register(group: Command): void {
  group
    .command('create')
    .description('make a key, and say what to put into the DNS for it')
    .argument('<domain>', 'the domain of the From addresses')
    .option('--selector <name>', 'names the key; made from the year and month if not given')
    .addOption(
      new Option('--type <type>', 'rsa is understood everywhere; ed25519 beside it is shorter')
        .choices(['rsa', 'ed25519'])
        .default('rsa'),
    )
    .option('--key <file>', 'take the private key from a PEM file instead of making one')
    .addHelpText(
      'after',
      helpText({
        json: fields,
        examples: ['dkim create news.example.com', 'dkim create news.example.com --type ed25519'],
      }),
    )
    .action(
      (
        domain: string,
        options: { selector?: string; type: 'rsa' | 'ed25519'; key?: string },
        command: Command,
      ) =>
        withContext(command, async (context, output) => {
          const key = await createDkimKey(context, {
            domain,
            selector:
              options.selector ??
              `bs${context.clock.now().toISOString().slice(0, 7).replace('-', '')}${options.type === 'rsa' ? '' : 'e'}`,
            algorithm: options.type === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256',
            ...(options.key && { privateKey: await read(options.key) }),
          });
          output.text(
            `Made the key ${key.selector} for ${key.domain}. Put this TXT record into the DNS:`,
            '',
            `  ${key.recordName}`,
            `  ${key.record}`,
            '',
            `When it is there, begin to sign: broadsheet dkim activate ${key.domain} ${key.selector}`,
          );
          output.result(key);
        }),
    );

  group
    .command('list')
    .description('show all keys and their records')
    .addHelpText(
      'after',
      helpText({
        json: `[${fields}]`,
        examples: ['dkim list', 'dkim list --json | jq -r ".[] | .recordName, .record"'],
      }),
    )
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const keys = await listDkimKeys(context);
        output.table(
          keys.map((key) => ({
            domain: key.domain,
            selector: key.selector,
            algorithm: key.algorithm,
            signs: key.activeSince ? `since ${key.activeSince.toISOString().slice(0, 10)}` : 'no',
          })),
          'There are no keys yet. Make one with: broadsheet dkim create DOMAIN',
        );
        output.result(keys);
      }),
    );

  group
    .command('show')
    .description('show a domain’s keys, or one of them, with what stands in the DNS for it')
    .argument('<domain>')
    .argument('[selector]')
    .addHelpText(
      'after',
      helpText({
        json: `[${fields}]`,
        examples: ['dkim show news.example.com', 'dkim show news.example.com bs202611'],
      }),
    )
    .action((domain: string, selector: string | undefined, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const keys = await keysOf(context, domain, selector);
        for (const key of keys)
          output.text(
            `${key.selector} (${key.algorithm}): ${key.activeSince ? `signs since ${key.activeSince.toISOString().slice(0, 10)}` : 'does not sign'}`,
            `  ${key.recordName}`,
            `  ${key.record}`,
          );
        output.result(keys);
      }),
    );

  for (const [name, description, active] of [
    ['activate', 'begin to sign with a key: its record must be in the DNS', true],
    ['deactivate', 'sign with a key no more', false],
  ] as const)
    group
      .command(name)
      .description(description)
      .argument('<domain>')
      .argument('<selector>')
      .addHelpText('after', helpText({ json: fields, examples: [`dkim ${name} news.example.com bs202611`] }))
      .action((domain: string, selector: string, _options, command: Command) =>
        withContext(command, async (context, output) => {
          const key = await activateDkimKey(context, domain, selector, active);
          output.text(`Mail from ${key.domain} is ${active ? '' : 'no longer '}signed with ${key.selector}.`);
          output.result(key satisfies DkimKeyInfo);
        }),
      );

  destructive(group.command('remove'))
    .description('remove a key for good')
    .argument('<domain>')
    .argument('<selector>')
    .addHelpText(
      'after',
      helpText({
        json: '{ domain, selector, removed }',
        examples: ['dkim remove news.example.com bs202511 --yes'],
      }),
    )
    .action((domain: string, selector: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const [key] = await keysOf(context, domain, selector);
        const isAgreed = await confirmDestructive(output, options, {
          what: `This removes the key ${selector} of ${domain} for good: it is kept nowhere else.`,
          effects: [
            key?.activeSince
              ? 'mail from the domain is signed with it now, and will not be'
              : 'nothing is signed with it',
          ],
          instead: `To sign with it no more, and keep it: broadsheet dkim deactivate ${domain} ${selector}`,
          plan: { domain, selector, active: Boolean(key?.activeSince) },
        });
        if (!isAgreed) return;
        await removeDkimKey(context, domain, selector);
        output.text(
          `Removed the key ${selector} of ${domain}. Leave its record in the DNS for a week, for mail on its way.`,
        );
        output.result({ domain, selector, removed: true });
      }),
    );
}

/** @throws UserError if there are none */
async function keysOf(
  context: Parameters<typeof listDkimKeys>[0],
  domain: string,
  selector?: string,
): Promise<DkimKeyInfo[]> {
  const keys = (await listDkimKeys(context)).filter(
    (key) => key.domain === domain.toLowerCase() && (!selector || key.selector === selector.toLowerCase()),
  );
  if (keys.length === 0)
    throw new UserError(
      `There is no key ${selector ? `with the selector "${selector}" ` : ''}for ${domain}.`,
      { code: 'not-found', hint: 'See which there are: broadsheet dkim list' },
    );
  return keys;
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`The file ${file} cannot be read: ${messageOf(error)}.`, { code: 'no-file' });
  }
}
