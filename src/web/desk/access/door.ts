import type { MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { type NotedAct, noteAct } from '../../../access/audit.ts';
import { may } from '../../../access/roles.ts';
import { findUser } from '../../../access/users.ts';
import type { Context } from '../../../context.ts';
import type { DeskCall, DeskEnv } from '../env.ts';
import { originOf } from './origin.ts';
import { showProof } from './proof.tsx';

type Deps = Pick<Context, 'config' | 'db' | 'clock'>;

/** Lets admins through, and nobody else. */
export const adminsOnly: MiddlewareHandler<DeskEnv> = async (c, next) => {
  if (!may(c.var.session.user, 'administer')) throw new HTTPException(403);
  await next();
};

/**
 * Lets changes through only within ten minutes of a login or of the password.
 * @param back the page from which the change came
 */
export const provenOnly =
  (context: Deps, back: (c: DeskCall) => string): MiddlewareHandler<DeskEnv> =>
  async (c, next) => {
    if (c.req.method === 'POST' && !c.var.session.recentlyProven) {
      const user = await findUser(context, c.var.session.user.id);
      return showProof(c, { next: back(c), hasPassword: user?.hasPassword ?? false });
    }
    await next();
  };

/** Writes into the audit log what whoever is at the desk did. */
export const noteDeskAct = (
  context: Deps,
  c: DeskCall,
  noted: Omit<NotedAct, 'user' | 'ip'>,
): Promise<void> =>
  noteAct(context, { user: c.var.session.user, ip: originOf(c, context.config).ip, ...noted });
