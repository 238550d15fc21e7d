import type { Command } from 'commander';
import { allScopes, scopes } from '../access/tokens.ts';
import { UserError } from '../errors.ts';
import { withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { commaSeparated, duration } from './values.ts';

const { createToken, findTokenNamed, listTokens, revokeToken } = lazily(() => import('../access/tokens.ts'));

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
        const seconds = options.expires === undefined ? undefined : duration(options.expires);
        if (options.expires !== undefined && seconds === undefined)
          throw new UserError(`--expires takes a length of time such as 90d, not "${options.expires}".`, {
            code: 'usage',
          });
        const token = await createToken(context, {
          name,
          scopes: options.scopes,
          expiresAt:
            seconds === undefined ? undefined : new Date(context.clock.now().getTime() + seconds * 1_000),
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
            holds: token.revokedAt
              ? 'no, revoked'
              : token.expiresAt && token.expiresAt <= now
                ? 'no, out of date'
                : token.expiresAt
                  ? `until ${token.expiresAt.toISOString().slice(0, 10)}`
                  : 'yes',
          })),
          'There are no tokens. Make one with: broadsheet tokens create NAME --scopes SCOPES',
        );
        output.result(tokens);
      }),
    );

  destructive(
    group
      .command('revoke')
      .alias('remove')
      .description('refuse a token from now on')
      .argument('<token>', 'its id or name'),
  )
    .addHelpText(
      'after',
      helpText({ json: `{ ${fields} }`, examples: ['tokens revoke 3', 'tokens revoke Shop --yes'] }),
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
