import { Hono } from 'hono';
import type { Context } from '../../../context.ts';
import type { DeskEnv, DeskSite } from '../env.ts';
import { accountPages } from './account.tsx';
import { auditPages } from './audit.tsx';
import { userPages } from './users.tsx';

export { loginPages } from './login.tsx';

/** What has to do with access and asks for a session: one's account, users, and the log. */
export function accessPages(context: Context, site: DeskSite): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.route('/', accountPages(context, site));
  app.route('/users', userPages(context, site));
  app.route('/audit', auditPages(context));
  return app;
}
