import { type Command, Option } from 'commander';
import type { NotedAct } from '../access/audit.ts';
import { roles } from '../access/roles.ts';
import type { UserDetails, UserFields } from '../access/users.ts';
import type { Context } from '../context.ts';
import { inTransaction } from '../db/in-transaction.ts';
import { UserError } from '../errors.ts';
import { wholeNumber, withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { registerAudit } from './users-audit.ts';
import { commaSeparated } from './values.ts';

const { createUser, editUser, findUserNamed, listUsers, parseNewsletterRoles, removeUser, setUserDisabled } =
  lazily(() => import('../access/users.ts'));
const { listSessions, revokeSession, revokeSessions } = lazily(() => import('../access/sessions.ts'));
const { createLoginLink } = lazily(() => import('../access/login-links.ts'));
const { dropLinks } = lazily(() => import('../access/login-steps.ts'));
const { removePassword } = lazily(() => import('../access/passwords.ts'));
const { removeCodes } = lazily(() => import('../access/totp.ts'));
const { noteAct } = lazily(() => import('../access/audit.ts'));

const fields =
  'id, email, name, role, newsletters: [{ newsletterId, role }], locale, disabledAt, createdAt, lastLoginAt, hasPassword, hasCode';
const rolesText = `Viewers look. Editors change and approve editions. Admins also manage sources, newsletters and users.
A role for a newsletter adds to the one for everything; who has none for everything sees only these newsletters.`;

interface UserOptions {
  name?: string;
  role?: string;
  newsletters?: string[];
  language?: string;
}

const withFields = (command: Command): Command =>
  command
    .option('--name <name>', 'what they are called')
    .addOption(new Option('--role <role>', 'what they may do everywhere').choices([...roles, 'none']))
    .option(
      '--newsletters <roles>',
      'roles for single newsletters, such as morning=editor,weekly=viewer, or "none"',
      commaSeparated,
    )
    .addOption(
      new Option('--language <tag>', 'language of their desk; "browser": as that says').choices([
        'en',
        'de',
        'browser',
      ]),
    );

/** `broadsheet users`: who may use the editors' desk. */
export function register(group: Command): void {
  withFields(group.command('create').description('add someone, and print a link with which they log in'))
    .argument('<email>', 'their address')
    .addHelpText(
      'after',
      helpText({
        text: `${rolesText}\nThe link works once, for a quarter of an hour. "broadsheet users link" makes another; the desk mails one, too.`,
        json: `{ ${fields}, link }`,
        examples: [
          'users create ada@example.com --role admin',
          'users create bo@example.com --newsletters morning=editor',
        ],
      }),
    )
    .action((email: string, options: UserOptions, command: Command) =>
      withContext(command, async (context, output) => {
        if (!options.role && !options.newsletters)
          throw new UserError('Say what they may do: --role, or --newsletters.', { code: 'usage' });
        const fields = await fieldsFrom(context, options);
        const user = await inOne(context, async (within) => {
          const made = await createUser(within, { email, ...fields });
          await note(within, 'user.create', made, { role: made.role, newsletters: made.newsletters });
          return made;
        });
        const link = await createLoginLink(context, user.id, { how: 'cli' });
        output.text(
          `Added ${user.email} (id ${user.id}). They log in with this link, once, within 15 minutes:`,
        );
        output.text('', `  ${link}`);
        output.result({ ...user, link });
      }),
    );

  group
    .command('list')
    .description('show all users')
    .addHelpText('after', helpText({ json: `[{ ${fields} }]`, examples: ['users list'] }))
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const users = await listUsers(context);
        output.table(
          users.map((user) => ({
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            newsletters: user.newsletters.length,
            'last login': user.lastLoginAt,
            may: user.disabledAt ? 'not log in' : user.hasCode ? 'log in, with a code' : 'log in',
          })),
          'There are no users yet. Add one with: broadsheet users create EMAIL --role admin',
        );
        output.result(users);
      }),
    );

  const one = (name: string, description: string) =>
    group.command(name).description(description).argument('<user>', 'their address or id');

  one('show', 'show a user, and where they are logged in')
    .addHelpText(
      'after',
      helpText({
        json: `{ ${fields}, sessions: [{ id, how, ip, userAgent, createdAt, lastSeenAt }] }`,
        examples: ['users show ada@example.com'],
      }),
    )
    .action((which: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const user = await findUserNamed(context, which);
        const sessions = await listSessions(context, user.id);
        output.text(
          `${user.email} (id ${user.id})${user.name ? `, ${user.name}` : ''}`,
          `Role: ${user.role ?? 'none for everything'}${user.newsletters.map((each) => `; ${each.role} of newsletter ${each.newsletterId}`).join('')}`,
          `Comes in by: mailed link${user.hasPassword ? ', password' : ''}${user.hasCode ? '; a code is asked for' : ''}`,
          ...(user.disabledAt ? [`Kept out since ${user.disabledAt.toISOString()}`] : []),
          '',
        );
        output.table(
          sessions.map(({ id, how, ip, userAgent, lastSeenAt }) => ({
            session: id,
            by: how,
            from: ip,
            'last seen': lastSeenAt,
            browser: userAgent,
          })),
          'Not logged in.',
        );
        output.result({ ...user, sessions });
      }),
    );

  withFields(one('edit', 'change what is said of a user; what is not named stays'))
    .addHelpText(
      'after',
      helpText({
        text: rolesText,
        json: `{ ${fields} }`,
        examples: [
          'users edit ada@example.com --role editor',
          'users edit 3 --role none --newsletters morning=editor,weekly=viewer',
        ],
      }),
    )
    .action((which: string, options: UserOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const before = await findUserNamed(context, which);
        const changed = await fieldsFrom(context, options);
        if (Object.keys(changed).length === 0)
          throw new UserError('Nothing was named that should change.', { code: 'usage' });
        const user = await inOne(context, async (within) => {
          const after = await editUser(within, before.id, changed);
          await note(within, 'user.edit', after, { ...changed });
          return after;
        });
        output.text(`Changed ${user.email}.`);
        output.result(user);
      }),
    );

  one('link', 'print a link with which a user logs in, once, within 15 minutes')
    .addHelpText('after', helpText({ json: '{ email, link }', examples: ['users link ada@example.com'] }))
    .action((which: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const user = await findUserNamed(context, which);
        if (user.disabledAt)
          throw new UserError(`${user.email} is kept out.`, {
            code: 'state',
            hint: `Let them in with: broadsheet users enable ${user.email}`,
          });
        const link = await inOne(context, async (within) => {
          await note(within, 'user.link', user);
          return createLoginLink(within, user.id, { how: 'cli' });
        });
        output.text(link);
        output.result({ email: user.email, link });
      }),
    );

  for (const [name, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const)
    one(name, disabled ? 'keep a user out, and end their sessions' : 'let a user in again who was kept out')
      .addHelpText('after', helpText({ json: `{ ${fields} }`, examples: [`users ${name} ada@example.com`] }))
      .action((which: string, _options, command: Command) =>
        withContext(command, async (context, output) => {
          const { id } = await findUserNamed(context, which);
          const user = await inOne(context, async (within) => {
            const changed = await setUserDisabled(within, id, disabled);
            await note(within, `user.${name}`, changed);
            return changed;
          });
          output.text(disabled ? `${user.email} is kept out.` : `${user.email} may log in again.`);
          output.result(user);
        }),
      );

  one('end-sessions', 'log a user out, everywhere or in one place')
    .option('--session <id>', 'only this one, as "users show" has it', wholeNumber('--session', 1))
    .addHelpText(
      'after',
      helpText({
        json: '{ ended }',
        examples: ['users end-sessions ada@example.com', 'users end-sessions 3 --session 17'],
      }),
    )
    .action((which: string, options: { session?: number }, command: Command) =>
      withContext(command, async (context, output) => {
        const user = await findUserNamed(context, which);
        const ended = await inOne(context, async (within) => {
          if (options.session === undefined) await dropLinks(within, user.id);
          const count =
            options.session === undefined
              ? await revokeSessions(within, user.id)
              : Number(await revokeSession(within, user.id, options.session));
          await note(within, 'user.end-sessions', user, { ended: count });
          return count;
        });
        output.text(`Ended ${ended} ${ended === 1 ? 'session' : 'sessions'} of ${user.email}.`);
        output.result({ ended });
      }),
    );

  one('reset', 'take a user’s password or codes away, when they lost them')
    .option('--password', 'they log in by a mailed link until they set another')
    .option('--codes', 'they are asked for no code until they set that up again')
    .addHelpText(
      'after',
      helpText({ json: `{ ${fields} }`, examples: ['users reset ada@example.com --codes'] }),
    )
    .action((which: string, options: { password?: boolean; codes?: boolean }, command: Command) =>
      withContext(command, async (context, output) => {
        if (!options.password && !options.codes)
          throw new UserError('Say what they lost: --password, --codes, or both.', { code: 'usage' });
        const { id, email } = await findUserNamed(context, which);
        const user = await inOne(context, async (within) => {
          if (options.password) await removePassword(within, id);
          if (options.codes) await removeCodes(within, id);
          const after = await findUserNamed(within, String(id));
          if (options.password) await note(within, 'user.drop-password', after);
          if (options.codes) await note(within, 'user.drop-codes', after);
          return after;
        });
        output.text(`${email} logs in by a mailed link${user.hasPassword ? ' or their password' : ''} now.`);
        output.result(user);
      }),
    );

  destructive(one('remove', 'remove a user; what they did stays in the audit log'))
    .addHelpText(
      'after',
      helpText({
        text: 'To keep somebody out for a while, disable them.',
        json: `{ ${fields} }`,
        examples: ['users remove ada@example.com --yes'],
      }),
    )
    .action((which: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const user = await findUserNamed(context, which);
        const goOn = await confirmDestructive(output, options, {
          what: `This removes the user ${user.email} (id ${user.id}) with their password, codes and sessions.`,
          instead: `broadsheet users disable ${user.email} keeps them out, and can be undone.`,
          plan: { id: user.id, email: user.email },
        });
        if (!goOn) return;
        await inOne(context, async (within) => {
          await removeUser(within, user.id);
          await note(within, 'user.remove', user);
        });
        output.text(`Removed ${user.email}.`);
        output.result(user);
      }),
    );

  registerAudit(group);
}

async function fieldsFrom(context: Context, options: UserOptions): Promise<UserFields> {
  const { name, role, newsletters, language } = options;
  return {
    ...(name !== undefined && { name }),
    ...(role !== undefined && { role: roles.find((each) => each === role) ?? null }),
    ...(newsletters && {
      newsletters: newsletters[0] === 'none' ? [] : await parseNewsletterRoles(context, newsletters),
    }),
    ...(language !== undefined && { locale: language === 'browser' ? null : language }),
  };
}

/** Does something and notes it in one transaction. */
const inOne = <Done>(context: Context, work: (within: Context) => Promise<Done>): Promise<Done> =>
  inTransaction(context, (db) => work({ ...context, db }));

const note = (context: Context, act: NotedAct['act'], { email }: Pick<UserDetails, 'email'>, details = {}) =>
  noteAct(context, { user: null, act, subject: email, details: { via: 'command line', ...details } });
