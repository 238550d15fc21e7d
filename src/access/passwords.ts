import * as crypto from 'node:crypto';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';

const leastLength = 12;
const longestLength = 1_000;
/** So much must be left of a password without what everybody would try first. */
const leastLeft = 8;

/** Why a password is not taken. */
export type PasswordFault = 'short' | 'long' | 'easy';

/**
 * What speaks against a password: fewer than twelve characters, or hardly anything in it but the address, words that
 * everybody would try, and rows of neighbours (`aaaa`, `12345`, `qwert`).
 */
export function passwordFault(password: string, email: string): PasswordFault | undefined {
  const characters = [...normal(password)];
  if (characters.length < leastLength) return 'short';
  if (characters.length > longestLength) return 'long';
  let left = normal(password).toLowerCase();
  const parts = email.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const words = [email.toLowerCase(), ...parts, ...usual].filter((word) => word.length >= 4);
  for (const word of words.toSorted((a, b) => b.length - a.length)) left = left.replaceAll(word, '');
  return withoutRows(left).length < leastLeft ? 'easy' : undefined;
}

const usual = [
  'broadsheet',
  'newsletter',
  'password',
  'passwort',
  'kennwort',
  'letmein',
  'welcome',
  'willkommen',
];
const keyboards = ['qwertyuiop', 'qwertzuiop', 'asdfghjkl', 'zxcvbnm', 'yxcvbnm', '1234567890'];

/** A text with each row of neighbours reduced to its first character. */
function withoutRows(text: string): string {
  const isStep = (one: string, two: string) => {
    const step = (two.codePointAt(0) ?? 0) - (one.codePointAt(0) ?? 0);
    return Math.abs(step) <= 1 || keyboards.some((row) => row.includes(one + two) || row.includes(two + one));
  };
  const characters = [...text];
  return characters
    .filter((character, index) => index === 0 || !isStep(characters[index - 1] ?? '', character))
    .join('');
}

/**
 * Sets a user's password.
 * @throws UserError if it is no good one
 */
export async function setPassword(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  user: { id: number; email: string },
  password: string,
): Promise<void> {
  const fault = passwordFault(password, user.email);
  if (fault)
    throw new UserError(
      {
        short: `The password is shorter than ${leastLength} characters.`,
        long: `The password is longer than ${longestLength} characters.`,
        easy: 'The password is easy to guess.',
      }[fault],
      { code: 'password', hint: 'Take several words that do not belong together.', details: { fault } },
    );
  await db
    .updateTable('users')
    .set({ password: await hashPassword(password), password_set_at: clock.now() })
    .where('id', '=', user.id)
    .execute();
}

/** Takes a user's password away: the other ways in stay. */
export async function removePassword({ db }: Pick<Context, 'db'>, userId: number): Promise<void> {
  await db
    .updateTable('users')
    .set({ password: null, password_set_at: null })
    .where('id', '=', userId)
    .execute();
}

/**
 * Whether a password is a user's. It takes as long for someone who is not there or has none.
 * @param userId undefined: nobody
 */
export async function checkPassword(
  { db }: Pick<Context, 'db'>,
  userId: number | undefined,
  password: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select('password')
    .where('id', '=', userId ?? 0)
    .executeTakeFirst();
  const given = password.slice(0, longestLength * 2);
  if (!row?.password) {
    await hashPassword(given);
    return false;
  }
  if (!(await matches(row.password, given))) return false;
  // Kept with other parameters than are used now: this is when the password is known.
  if (!row.password.startsWith(way().prefix))
    await db
      .updateTable('users')
      .set({ password: await hashPassword(given) })
      .where('id', '=', userId ?? 0)
      .where('password', '=', row.password)
      .execute();
  return true;
}

const hashBytes = 32;
/** What OWASP asks for at the least. A hash takes about 50 ms and 19 MB. */
const argon = { memory: 19_456, passes: 2, parallelism: 1 };
const scrypt = { ln: 15, r: 8, p: 3 };

/** How passwords are hashed by this Node: Argon2id if it has that (from 24.7 on), else scrypt. */
const way = () =>
  typeof crypto.argon2 === 'function'
    ? { prefix: `$argon2id$v=19$m=${argon.memory},t=${argon.passes},p=${argon.parallelism}$` }
    : { prefix: `$scrypt$ln=${scrypt.ln},r=${scrypt.r},p=${scrypt.p}$` };

/** @returns a PHC string, which says with what parameters it was made */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.randomBytes(16);
  const { prefix } = way();
  const hash = await derive(prefix, normal(password), salt, hashBytes);
  return `${prefix}${bare(salt)}$${bare(hash)}`;
}

async function matches(kept: string, password: string): Promise<boolean> {
  const parts = /^(\$.+\$)([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(kept);
  if (!parts?.[1] || !parts[2] || !parts[3]) return false;
  const wanted = Buffer.from(parts[3], 'base64');
  const hash = await derive(parts[1], normal(password), Buffer.from(parts[2], 'base64'), wanted.length);
  return crypto.timingSafeEqual(hash, wanted);
}

async function derive(prefix: string, password: string, salt: Buffer, bytes: number): Promise<Buffer> {
  const number = (name: string) => Number(new RegExp(`[$,]${name}=(\\d+)`).exec(prefix)?.[1]);
  if (prefix.startsWith('$argon2id$'))
    return new Promise((resolve, reject) =>
      crypto.argon2(
        'argon2id',
        {
          message: password,
          nonce: salt,
          memory: number('m'),
          passes: number('t'),
          parallelism: number('p'),
          tagLength: bytes,
        },
        (error, hash) => (error ? reject(error) : resolve(hash)),
      ),
    );
  const [N, r, p] = [2 ** number('ln'), number('r'), number('p')];
  return new Promise((resolve, reject) =>
    crypto.scrypt(password, salt, bytes, { N, r, p, maxmem: 256 * N * r }, (error, hash) =>
      error ? reject(error) : resolve(hash),
    ),
  );
}

const bare = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

/** One spelling of what keyboards and systems write in several. */
const normal = (password: string) => password.normalize('NFKC');
