import type { Command } from 'commander';
import { allScopes, scopes, type Token } from '../access/tokens.ts';
import { UserError } from '../errors.ts';
import { withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { commaSeparated, duration } from './values.ts';

const { createToken, editToken, findTokenNamed, listTokens, revokeToken } = lazily(
  () => import('../access/tokens.ts'),
);

const fields = 'id, name, beginning, scopes, createdAt, expiresAt, lastUsedAt, revokedAt';

/** `broadsheet tokens`: who may use the API, and for what. */
export function register(group: Command): void {
  group
    .command('create')
    .description('make a token; it is shown once')
    .argument('<name>', 'what it is for')
    .requiredOption('--scopes <scopes>', 'what it may do, separated by commas', commaSeparated)
    .option('--expires <time>', 'how long it holds, such as 90d; until it is revoked, if not given')
    .addHelpText(
      'after',
      helpText({
        text: `Scopes:\n${allScopes.map((scope) => `  ${scope.padEnd(18)} ${scopes[scope]}`).join('\n')}\n  ${'read'.padEnd(18)} all that read\n  ${'all'.padEnd(18)} all of them\nWhoever may write may read, too.`,
        json: `{ ${fields}, token }`,
        examples: [
          'tokens create "Shop" --scopes subscribers:write,lists:read',
          'tokens create "Dashboard" --scopes read --expires 90d',
        ],
      }),
    )
    .action((name: string, options: { scopes: string[]; expires?: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const token = await createToken(context, {
          name,
          scopes: options.scopes,
          expiresAt: endOf(options.expires, context.clock.now()),
        });
        output.text(
          `Made the token "${token.name}" (id ${token.id}) for ${token.scopes.join(', ')}.`,
          'It is not shown again:',
          '',
          `  ${token.token}`,
        );
        output.result(token);
      }),
    );

  group
    .command('list')
    .description('show all tokens, without what is secret of them')
    .addHelpText('after', helpText({ json: `[{ ${fields} }]`, examples: ['tokens list'] }))
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const tokens = await listTokens(context);
        const now = context.clock.now();
        output.table(
          tokens.map((token) => ({
            id: token.id,
            name: token.name,
            token: `${token.beginning}…`,
            scopes: token.scopes.length === allScopes.length ? 'all' : token.scopes,
            'last used': token.lastUsedAt,
            holds: holds(token, now),
          })),
          'There are no tokens. Make one with: broadsheet tokens create NAME --scopes SCOPES',
        );
        output.result(tokens);
      }),
    );

  group
    .command('show')
    .description('show one token, without what is secret of it')
    .argument('<token>', 'its id or name')
    .addHelpText(
      'after',
      helpText({ json: `{ ${fields} }`, examples: ['tokens show 3', 'tokens show Shop --json'] }),
    )
    .action((which: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const token = await findTokenNamed(context, which);
        output.text(
          `${token.name} (id ${token.id}): ${token.beginning}…`,
          `May: ${token.scopes.join(', ')}`,
          `Holds: ${holds(token, context.clock.now())}`,
          `Made: ${token.createdAt.toISOString()}; last used: ${token.lastUsedAt?.toISOString() ?? 'never'}`,
        );
        output.result(token);
      }),
    );

  group
    .command('edit')
    .description('change what a token is called, may do, or how long it holds; what is not named stays')
    .argument('<token>', 'its id or name')
    .option('--name <name>', 'what it is for')
    .option('--scopes <scopes>', 'what it may do instead, separated by commas', commaSeparated)
    .option('--expires <time>', 'how long it holds from now, such as 90d, or "never"')
    .addHelpText(
      'after',
      helpText({
        json: `{ ${fields} }`,
        examples: ['tokens edit Shop --scopes subscribers:write', 'tokens edit 3 --expires 30d'],
      }),
    )
    .action(
      (which: string, options: { name?: string; scopes?: string[]; expires?: string }, command: Command) =>
        withContext(command, async (context, output) => {
          const { id } = await findTokenNamed(context, which);
          const { name, scopes: wanted, expires } = options;
          const token = await editToken(context, id, {
            ...{ name, scopes: wanted },
            expiresAt: expires === 'never' ? null : endOf(expires, context.clock.now()),
          });
          output.text(
            `Changed the token "${token.name}" (id ${token.id}): it may ${token.scopes.join(', ')}, and holds ${holds(token, context.clock.now())}.`,
          );
          output.result(token);
        }),
    );

  destructive(
    group
      .command('remove')
      .alias('revoke')
      .description('refuse a token from now on')
      .argument('<token>', 'its id or name'),
  )
    .addHelpText(
      'after',
      helpText({ json: `{ ${fields} }`, examples: ['tokens remove 3', 'tokens remove Shop --yes'] }),
    )
    .action((which: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const wanted = await findTokenNamed(context, which);
        const goOn = await confirmDestructive(output, options, {
          what: `This revokes the token "${wanted.name}" (id ${wanted.id}); what uses it is refused from then on.`,
          plan: { id: wanted.id, name: wanted.name },
        });
        if (!goOn) return;
        const token = await revokeToken(context, wanted.id);
        output.text(`Revoked the token "${token.name}" (id ${token.id}).`);
        output.result(token);
      }),
    );
}

/** The instant that --expires names. */
function endOf(text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return undefined;
  const seconds = duration(text);
  if (seconds === undefined)
    throw new UserError(`--expires takes a length of time such as 90d, not "${text}".`, { code: 'usage' });
  return new Date(now.getTime() + seconds * 1_000);
}

function holds({ revokedAt, expiresAt }: Token, now: Date): string {
  if (revokedAt) return 'no, revoked';
  if (!expiresAt) return 'yes';
  return expiresAt <= now ? 'no, out of date' : `until ${expiresAt.toISOString().slice(0, 10)}`;
}
