import type { MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { type NotedAct, noteAct } from '../../../access/audit.ts';
import { may } from '../../../access/roles.ts';
import { findUser } from '../../../access/users.ts';
import type { Context } from '../../../context.ts';
import { inTransaction } from '../../../db/in-transaction.ts';
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

/** A line of the audit log of somebody at the desk. */
export type DeskAct = Omit<NotedAct, 'user' | 'ip'>;

/**
 * Does something at the desk in one transaction with its line in the audit log, so that neither is there without the other.
 * @param work gets the context in that transaction; what it throws undoes it
 * @param noted what was done, or what tells it by what the work returned; undefined: nothing that is noted
 */
export const doNoted = <Done>(
  context: Context,
  c: DeskCall,
  work: (within: Context) => Promise<Done>,
  noted: DeskAct | ((done: Done) => DeskAct | undefined),
): Promise<Done> =>
  inTransaction(context, async (db) => {
    const within = { ...context, db };
    const done = await work(within);
    const act = typeof noted === 'function' ? noted(done) : noted;
    if (act) await noteDeskAct(within, c, act);
    return done;
  });
