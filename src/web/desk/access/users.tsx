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
  removeUser,
  setUserDisabled,
  type UserDetails,
} from '../../../access/users.ts';
import type { Context } from '../../../context.ts';
import { UserError } from '../../../errors.ts';
import { formOf } from '../../request.ts';
import type { DeskCall, DeskEnv, DeskSite } from '../env.ts';
import { showDesk } from '../frame.tsx';
import { leadTo } from './done.tsx';
import { adminsOnly, noteDeskAct, provenOnly } from './door.ts';
import { fieldsFrom } from './user-form.ts';
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
      const user = await createUser(context, { email, ...fields });
      await noteDeskAct(context, c, {
        act: 'user.create',
        subject: user.email,
        details: { role: user.role, newsletters: user.newsletters },
      });
      if (form.mail) mailLink(c, user);
      return leadTo(c, list, 'user', user.email);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return usersPage(c, { email, name: fields.name, error: error.message });
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

  /** An act on somebody else's account, and its line in the log. */
  const onUser = (
    path: string,
    act: (
      c: DeskCall,
      user: UserDetails,
    ) => Promise<{ act: string; details?: object; answer: () => Response | Promise<Response> }>,
  ) =>
    app.post(`/:id{[0-9]{1,15}}${path}`, async (c) => {
      const user = await userOf(c);
      if (user.id === c.var.session.user.id) throw new HTTPException(403);
      try {
        const { answer, ...noted } = await act(c, user);
        await noteDeskAct(context, c, { ...noted, subject: user.email });
        return await answer();
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return userPage(c, user, error.message);
      }
    });
  const saved = (c: DeskCall, user: UserDetails) => () => leadTo(c, `${list}/${user.id}`, 'saved');

  onUser('', async (c, user) => {
    const {
      name,
      role,
      newsletters: held,
    } = await editUser(context, user.id, fieldsFrom(await formOf(c), await newsletters()));
    const before = { name: user.name, role: user.role, newsletters: user.newsletters };
    return {
      act: 'user.edit',
      details: { before, after: { name, role, newsletters: held } },
      answer: saved(c, user),
    };
  });
  onUser('/link', async (c, user) => {
    mailLink(c, user);
    return { act: 'user.link', answer: () => leadTo(c, `${list}/${user.id}`, 'link', user.email) };
  });
  onUser('/end-sessions', async (c, user) => {
    const ended = await revokeSessions(context, user.id);
    await dropLinks(context, user.id);
    return {
      act: 'user.end-sessions',
      details: { ended },
      answer: () => leadTo(c, `${list}/${user.id}`, 'sessions', ended),
    };
  });
  onUser('/drop-password', async (c, user) => {
    await removePassword(context, user.id);
    return { act: 'user.drop-password', answer: saved(c, user) };
  });
  onUser('/drop-codes', async (c, user) => {
    await removeCodes(context, user.id);
    return { act: 'user.drop-codes', answer: saved(c, user) };
  });
  onUser('/close', async (c, user) => {
    await setUserDisabled(context, user.id, true);
    return { act: 'user.disable', answer: saved(c, user) };
  });
  onUser('/open', async (c, user) => {
    await setUserDisabled(context, user.id, false);
    return { act: 'user.enable', answer: saved(c, user) };
  });
  onUser('/remove', async (c, user) => {
    await removeUser(context, user.id);
    return { act: 'user.remove', answer: () => leadTo(c, list, 'removed', user.email) };
  });
  return app;
}
