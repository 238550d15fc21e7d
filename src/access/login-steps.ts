import type { Context } from '../context.ts';
import { secretToken, tokenHash } from './secret-token.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

/** What a login can be in the middle of. */
export interface StepData {
  /** A mailed link. */
  link: { next?: string; how: 'link' | 'cli' };
  /** A password or link was right; the code from the phone is still to come. */
  code: { next?: string; how: 'link' | 'cli' | 'password' };
  /** On the way to the OpenID provider and back. */
  oidc: { next?: string; state: string; nonce: string; verifier: string };
}
export type StepKind = keyof StepData;

/** For how long each may be gone on with. */
export const stepMinutes: Record<StepKind, number> = { link: 15, code: 5, oidc: 10 };

/** A step that is still to be gone on with. */
export interface Step<Kind extends StepKind> {
  userId: number | null;
  data: StepData[Kind];
}

/** Keeps what a login is in the middle of. @returns the token by which it goes on, of which only the hash is kept */
export async function beginStep<Kind extends StepKind>(
  { db, clock }: Deps,
  kind: Kind,
  { userId, data }: Step<Kind>,
): Promise<string> {
  const token = secretToken();
  await db
    .insertInto('login_steps')
    .values({
      token_hash: tokenHash(token),
      kind,
      user_id: userId,
      data: JSON.stringify(data),
      expires_at: new Date(clock.now().getTime() + stepMinutes[kind] * 60_000),
    })
    .execute();
  return token;
}

/** Looks at a step without using it up. */
export async function lookAtStep<Kind extends StepKind>(
  { db, clock }: Deps,
  kind: Kind,
  token: string,
): Promise<Step<Kind> | undefined> {
  const row = await db
    .selectFrom('login_steps')
    .select(['user_id', 'data'])
    .where('token_hash', '=', tokenHash(token))
    .where('kind', '=', kind)
    .where('expires_at', '>', clock.now())
    .executeTakeFirst();
  return row && { userId: row.user_id, data: row.data as unknown as StepData[Kind] };
}

/** Uses a step up. Of several who try at once, one gets it. */
export async function takeLoginStep<Kind extends StepKind>(
  { db, clock }: Deps,
  kind: Kind,
  token: string,
): Promise<Step<Kind> | undefined> {
  const row = await db
    .deleteFrom('login_steps')
    .where('token_hash', '=', tokenHash(token))
    .where('kind', '=', kind)
    .where('expires_at', '>', clock.now())
    .returning(['user_id', 'data'])
    .executeTakeFirst();
  return row && { userId: row.user_id, data: row.data as unknown as StepData[Kind] };
}

/** Makes links that were mailed to someone useless. */
export async function dropLinks({ db }: Pick<Context, 'db'>, userId: number): Promise<void> {
  await db.deleteFrom('login_steps').where('user_id', '=', userId).where('kind', '<>', 'oidc').execute();
}
