import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Context } from '../context.ts';
import { inTransaction } from '../db/in-transaction.ts';
import { linkSigner } from '../links.ts';
import { tokenHash } from './secret-token.ts';

type Deps = Pick<Context, 'config' | 'db' | 'clock'>;

const stepMs = 30_000;
/** Phones' clocks differ: the codes before and after are taken too. */
const stepsAside = 1;
const recoveryCodes = 10;

/** What a phone needs to make codes. */
export interface CodeSetup {
  /** For a QR code. */
  uri: string;
  /** The same for typing, in groups of four. */
  secret: string;
}

/**
 * Begins to set up codes; nobody is asked for any until `confirmCodes`. Beginning again makes another secret.
 * @returns undefined if they are set up already, or the user is gone
 */
export async function beginCodes(
  context: Deps,
  user: { id: number; email: string },
): Promise<CodeSetup | undefined> {
  const secret = new Secret({ size: 20 });
  const { numUpdatedRows } = await context.db
    .updateTable('users')
    .set({ totp_secret: await seal(context, user.id, secret.base32), totp_last_step: null })
    .where('id', '=', user.id)
    .where('totp_since', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n ? setupOf(context, user.email, secret) : undefined;
}

/** What was begun and not confirmed yet. */
export async function begunCodes(
  context: Deps,
  user: { id: number; email: string },
): Promise<CodeSetup | undefined> {
  const row = await context.db
    .selectFrom('users')
    .select(['totp_secret', 'totp_since'])
    .where('id', '=', user.id)
    .executeTakeFirst();
  if (!row?.totp_secret || row.totp_since) return undefined;
  const secret = await unseal(context, user.id, row.totp_secret);
  return secret === undefined ? undefined : setupOf(context, user.email, Secret.fromBase32(secret));
}

/**
 * Sets codes up, once a first one shows that the phone makes the right ones. From then on each login asks for one.
 * @returns the recovery codes, which are shown here and nowhere else; undefined if the code is wrong
 */
export async function confirmCodes(
  context: Deps,
  userId: number,
  code: string,
): Promise<string[] | undefined> {
  if (!(await takeStep(context, userId, code, 'begun'))) return undefined;
  return newRecoveryCodes(context, userId);
}

/**
 * Whether a code is one that the user's phone shows now, or a recovery code of theirs. Each is taken once.
 * @returns how it was known; undefined: it is wrong, was used, or the user has no codes
 */
export async function takeCode(
  context: Deps,
  userId: number,
  given: string,
): Promise<'code' | 'recovery' | undefined> {
  const code = given.replace(/[\s-]/g, '').toLowerCase();
  if (/^\d{6}$/.test(code)) return (await takeStep(context, userId, code, 'on')) ? 'code' : undefined;
  if (!/^[a-z2-7]{16}$/.test(code)) return undefined;
  const used = await context.db
    .deleteFrom('user_recovery_codes')
    .where('user_id', '=', userId)
    .where('code_hash', '=', tokenHash(code))
    .returning('user_id')
    .executeTakeFirst();
  return used && 'recovery';
}

/** Makes ten new recovery codes in place of those that were left. */
export async function newRecoveryCodes({ db }: Pick<Context, 'db'>, userId: number): Promise<string[]> {
  // 80 bits each.
  const codes = Array.from({ length: recoveryCodes }, () =>
    new Secret({ buffer: new Uint8Array(randomBytes(10)).buffer }).base32.toLowerCase(),
  );
  await inTransaction({ db }, async (trx) => {
    await trx.deleteFrom('user_recovery_codes').where('user_id', '=', userId).execute();
    await trx
      .insertInto('user_recovery_codes')
      .values(codes.map((code) => ({ user_id: userId, code_hash: tokenHash(code) })))
      .execute();
  });
  return codes.map(grouped);
}

/** How many recovery codes someone has left. */
export async function countRecoveryCodes({ db }: Pick<Context, 'db'>, userId: number): Promise<number> {
  const { count } = await db
    .selectFrom('user_recovery_codes')
    .select((e) => e.fn.countAll().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Asks a user for no codes any more. */
export async function removeCodes({ db }: Pick<Context, 'db'>, userId: number): Promise<void> {
  await db.deleteFrom('user_recovery_codes').where('user_id', '=', userId).execute();
  await db
    .updateTable('users')
    .set({ totp_secret: null, totp_since: null, totp_last_step: null })
    .where('id', '=', userId)
    .execute();
}

async function takeStep(
  context: Deps,
  userId: number,
  code: string,
  state: 'begun' | 'on',
): Promise<boolean> {
  const now = context.clock.now();
  const row = await context.db
    .selectFrom('users')
    .select(['totp_secret', 'totp_since'])
    .where('id', '=', userId)
    .executeTakeFirst();
  if (!row?.totp_secret || (row.totp_since !== null) !== (state === 'on')) return false;
  const secret = await unseal(context, userId, row.totp_secret);
  if (secret === undefined) return false;
  const delta = new TOTP({ secret: Secret.fromBase32(secret) }).validate({
    token: code.replace(/[\s-]/g, ''),
    timestamp: now.getTime(),
    window: stepsAside,
  });
  if (delta === null) return false;
  const step = Math.floor(now.getTime() / stepMs) + delta;
  // One statement: of two who give the same code at once, one is taken.
  const { numUpdatedRows } = await context.db
    .updateTable('users')
    .set({ totp_last_step: step, totp_since: row.totp_since ?? now })
    .where('id', '=', userId)
    .where('totp_since', state === 'on' ? 'is not' : 'is', null)
    .where((e) => e.or([e('totp_last_step', 'is', null), e('totp_last_step', '<', step)]))
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

function setupOf({ config }: Deps, email: string, secret: Secret): CodeSetup {
  const totp = new TOTP({ issuer: `Broadsheet ${new URL(config.publicUrl).host}`, label: email, secret });
  return { uri: totp.toString(), secret: grouped(secret.base32) };
}

const grouped = (code: string) => code.replace(/.{4}(?=.)/g, (part) => `${part}-`);

// A copy of the database alone makes no codes, as long as BROADSHEET_SECRET is set.
async function sealKey(context: Pick<Context, 'config' | 'db'>): Promise<Buffer> {
  const secret = (await linkSigner(context)).sign('seal', [0]);
  return createHash('sha256').update(secret).digest();
}

async function seal(context: Deps, userId: number, text: string): Promise<Buffer> {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', await sealKey(context), nonce);
  cipher.setAAD(Buffer.from(`totp:${userId}`));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** @returns undefined if it was sealed for someone else or by another installation's secret */
async function unseal(context: Deps, userId: number, sealed: Buffer): Promise<string | undefined> {
  try {
    const decipher = createDecipheriv('aes-256-gcm', await sealKey(context), sealed.subarray(0, 12));
    decipher.setAAD(Buffer.from(`totp:${userId}`));
    decipher.setAuthTag(sealed.subarray(12, 28));
    return decipher.update(sealed.subarray(28), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return undefined;
  }
}
