/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { dropLinks } from '../../../access/login-steps.ts';
import { removePassword } from '../../../access/passwords.ts';
import { listSessions, revokeSessions } from '../../../access/sessions.ts';
import { removeCodes } from '../../../access/totp.ts';
import {
  createUser,
  editUser,
  findUser,
  getUser,
  listUsers,
  lockAdmins,
  removeUser,
  setUserDisabled,
  type UserDetails,
} from '../../../access/users.ts';
import type { Context } from '../../../context.ts';
import { UserError } from '../../../errors.ts';
import { formOf } from '../../request.ts';
import type { DeskCall, DeskEnv, DeskSite } from '../env.ts';
import { showDesk } from '../frame.tsx';
import { errorSaid } from '../sayings/errors.ts';
import { isSeen, lastActor } from '../seen.ts';
import { accessTexts } from '../words/access.ts';
import { speaking } from '../words/words.ts';
import { leadTo } from './done.tsx';
import { adminsOnly, doNoted, provenOnly } from './door.ts';
import { fieldsFrom, valuesOf } from './user-form.ts';
import { UserPage } from './user-page.tsx';
import { UsersPage } from './users-page.tsx';

const list = '/desk/users';

/** `/users`: who may use the desk, for admins. */
export function userPages(context: Context, site: DeskSite): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.use(adminsOnly);
  app.use(provenOnly(context, (c) => c.req.path.match(/^\/desk\/users\/\d+/)?.[0] ?? list));

  const newsletters = () =>
    context.db.selectFrom('newsletters').select(['id', 'name']).orderBy('name').execute();
  const own = (c: DeskCall) => getUser(context, c.var.session.user.id);

  const usersPage = async (c: DeskCall, tried?: { email: string; name: string; error: string }) => {
    const [users, named, { hasPassword }] = await Promise.all([listUsers(context), newsletters(), own(c)]);
    const now = context.clock.now();
    return showDesk(
      c,
      <UsersPage {...{ c, users, now, hasPassword, tried, newsletters: named }} />,
      tried ? 422 : 200,
    );
  };
  app.get('/', (c) => usersPage(c));

  app.post('/', async (c) => {
    const form = await formOf(c);
    const email = (form.email?.[0] ?? '').slice(0, 254);
    const fields = fieldsFrom(form, await newsletters());
    try {
      const user = await doNoted(
        context,
        c,
        (within) => createUser(within, { email, ...fields }),
        ({ email: subject, role, newsletters: held }) => ({
          act: 'user.create',
          subject,
          details: { role, newsletters: held },
        }),
      );
      if (form.mail) mailLink(c, user);
      return leadTo(c, list, 'user', user.email);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return usersPage(c, { email, name: fields.name, error: errorSaid(error, c.var.language).text });
    }
  });

  const mailLink = (c: DeskCall, user: UserDetails) =>
    site.background.run('mailing a link to log in', () =>
      site.letters.loginLink(user.email, { language: c.var.language }),
    );

  const userPage = async (c: DeskCall, user: UserDetails, error?: string) => {
    const [sessions, named, { hasPassword }] = await Promise.all([
      listSessions(context, user.id),
      newsletters(),
      own(c),
    ]);
    return showDesk(
      c,
      <UserPage {...{ c, user, error, hasPassword, newsletters: named, sessions: sessions.length }} />,
      error ? 422 : 200,
    );
  };
  const userOf = async (c: DeskCall) => {
    const user = await findUser(context, Number(c.req.param('id')));
    if (!user) throw new HTTPException(404);
    return user;
  };
  app.get('/:id{[0-9]{1,15}}', async (c) => userPage(c, await userOf(c)));

  /** An act on somebody else's account, and its line in the log, in one transaction. */
  const onUser = (
    path: string,
    act: (
      within: Context,
      c: DeskCall,
      user: UserDetails,
      form: Awaited<ReturnType<typeof formOf>>,
    ) => Promise<{ act: string; details?: object; answer: () => Response | Promise<Response> }>,
  ) =>
    app.post(`/:id{[0-9]{1,15}}${path}`, async (c) => {
      const user = await userOf(c);
      if (user.id === c.var.session.user.id) throw new HTTPException(403);
      try {
        const form = await formOf(c);
        const { answer } = await doNoted(
          context,
          c,
          (within) => act(within, c, user, form),
          ({ act, details }) => ({ act, details, subject: user.email }),
        );
        return await answer();
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        const isTold = error.code === 'conflict';
        return userPage(c, await userOf(c), isTold ? error.message : errorSaid(error, c.var.language).text);
      }
    });
  const saved = (c: DeskCall, user: UserDetails) => () => leadTo(c, `${list}/${user.id}`, 'saved');

  onUser('', async (within, c, user, form) => {
    // What changes users waits for each other from here.
    await lockAdmins(within);
    if (!isSeen(form, valuesOf(await getUser(within, user.id)))) {
      const who = await lastActor(context, { act: 'user.edit', subject: user.email });
      const say = speaking(accessTexts, c.var.language);
      throw new UserError(say('changedMeanwhile', { who: who ?? say('somebody') }), { code: 'conflict' });
    }
    const {
      name,
      role,
      newsletters: held,
    } = await editUser(within, user.id, fieldsFrom(form, await newsletters()));
    const before = { name: user.name, role: user.role, newsletters: user.newsletters };
    return {
      act: 'user.edit',
      details: { before, after: { name, role, newsletters: held } },
      answer: saved(c, user),
    };
  });
  onUser('/link', async (_within, c, user) => {
    const answer = () => {
      mailLink(c, user);
      return leadTo(c, `${list}/${user.id}`, 'link', user.email);
    };
    return { act: 'user.link', answer };
  });
  onUser('/end-sessions', async (within, c, user) => {
    const ended = await revokeSessions(within, user.id);
    await dropLinks(within, user.id);
    return {
      act: 'user.end-sessions',
      details: { ended },
      answer: () => leadTo(c, `${list}/${user.id}`, 'sessions', ended),
    };
  });
  onUser('/drop-password', async (within, c, user) => {
    await removePassword(within, user.id);
    return { act: 'user.drop-password', answer: saved(c, user) };
  });
  onUser('/drop-codes', async (within, c, user) => {
    await removeCodes(within, user.id);
    return { act: 'user.drop-codes', answer: saved(c, user) };
  });
  onUser('/close', async (within, c, user) => {
    await setUserDisabled(within, user.id, true);
    return { act: 'user.disable', answer: saved(c, user) };
  });
  onUser('/open', async (within, c, user) => {
    await setUserDisabled(within, user.id, false);
    return { act: 'user.enable', answer: saved(c, user) };
  });
  onUser('/remove', async (within, c, user) => {
    await removeUser(within, user.id);
    return { act: 'user.remove', answer: () => leadTo(c, list, 'removed', user.email) };
  });
  return app;
}
