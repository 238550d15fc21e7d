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

/** `broadsheet dkim`: the keys that mail is signed with. */
export function register(program: Command): void {
  const group = program.command('dkim').description('keys that mail is signed with (DKIM)');

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

  for (const [name, description, active] of [
    ['activate', 'begin to sign with a key: its record must be in the DNS', true],
    ['deactivate', 'sign with a key no more', false],
  ] as const)
    group
      .command(name)
      .description(description)
      .argument('<domain>')
      .argument('<selector>')
      .action((domain: string, selector: string, _options, command: Command) =>
        withContext(command, async (context, output) => {
          const key = await activateDkimKey(context, domain, selector, active);
          output.text(`Mail from ${key.domain} is ${active ? '' : 'no longer '}signed with ${key.selector}.`);
          output.result(key satisfies DkimKeyInfo);
        }),
      );

  group
    .command('remove')
    .description('remove a key for good')
    .argument('<domain>')
    .argument('<selector>')
    .action((domain: string, selector: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        await removeDkimKey(context, domain, selector);
        output.text(
          `Removed the key ${selector} of ${domain}. Leave its record in the DNS for a week, for mail on its way.`,
        );
        output.result({ domain, selector, removed: true });
      }),
    );
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`The file ${file} cannot be read: ${messageOf(error)}.`, { code: 'file' });
  }
}
