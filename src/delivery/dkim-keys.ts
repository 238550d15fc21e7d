import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Context } from '../context.ts';
import type { DkimKeys } from '../db/schema.ts';
import { UserError } from '../errors.ts';
import type { DkimKey } from './dkim.ts';

/** A key as people see it: without its secret. */
export interface DkimKeyInfo {
  domain: string;
  selector: string;
  algorithm: DkimKey['algorithm'];
  createdAt: Date;
  /** Null: nothing is signed with it yet. */
  activeSince: Date | null;
  /** The name of its TXT record. */
  recordName: string;
  /** What the record says (RFC 6376 section 3.6.1). */
  record: string;
}

type Deps = Pick<Context, 'db' | 'clock'>;

/**
 * Makes a key, or takes one in. Nothing is signed with it before `activateDkimKey`, as its record must be in the DNS.
 * @param request.privateKey PEM, of RSA with at least 2,048 bits (RFC 8301) or Ed25519; one is made if not given
 * @throws UserError if there is one of this selector, or the key or a name cannot be used
 */
export async function createDkimKey(
  context: Deps,
  request: { domain: string; selector: string; algorithm?: DkimKey['algorithm']; privateKey?: string },
): Promise<DkimKeyInfo> {
  const domain = nameOf('domain', request.domain);
  const selector = nameOf('selector', request.selector);
  const { privateKey, algorithm } = request.privateKey
    ? readKey(request.privateKey)
    : makeKey(request.algorithm ?? 'rsa-sha256');
  const row = await context.db
    .insertInto('dkim_keys')
    .values({ domain, selector, algorithm, private_key: privateKey, created_at: context.clock.now() })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (!row)
    throw new UserError(`There is a key with the selector "${selector}" for ${domain} already.`, {
      code: 'exists',
      hint: 'Choose another selector; the old key stays valid for mail that is on its way.',
    });
  return infoOf(row);
}

/** All keys, by domain and selector. */
export async function listDkimKeys({ db }: Pick<Context, 'db'>): Promise<DkimKeyInfo[]> {
  const rows = await db.selectFrom('dkim_keys').selectAll().orderBy('domain').orderBy('selector').execute();
  return rows.map(infoOf);
}

/** Begins or ends signing with a key. @throws UserError if there is no such key */
export async function activateDkimKey(
  context: Deps,
  domain: string,
  selector: string,
  active: boolean,
): Promise<DkimKeyInfo> {
  const row = await context.db
    .updateTable('dkim_keys')
    .set({ active_since: active ? context.clock.now() : null })
    .where('domain', '=', domain.toLowerCase())
    .where('selector', '=', selector.toLowerCase())
    .returningAll()
    .executeTakeFirst();
  return infoOf(row ?? noKey(domain, selector));
}

/** Removes a key for good. @throws UserError if there is no such key */
export async function removeDkimKey(
  { db }: Pick<Context, 'db'>,
  domain: string,
  selector: string,
): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('dkim_keys')
    .where('domain', '=', domain.toLowerCase())
    .where('selector', '=', selector.toLowerCase())
    .executeTakeFirst();
  if (numDeletedRows === 0n) noKey(domain, selector);
}

/** The keys that are in use, ready for signing. */
export async function activeDkimKeys({ db }: Pick<Context, 'db'>): Promise<DkimKey[]> {
  const rows = await db
    .selectFrom('dkim_keys')
    .selectAll()
    .where('active_since', 'is not', null)
    .orderBy('domain')
    .orderBy('selector')
    .execute();
  return rows.map((row) => ({
    domain: row.domain,
    selector: row.selector,
    algorithm: algorithmOf(row),
    key: createPrivateKey(row.private_key),
  }));
}

const algorithmOf = ({ algorithm }: { algorithm: string }): DkimKey['algorithm'] =>
  algorithm === 'ed25519-sha256' ? 'ed25519-sha256' : 'rsa-sha256';

function noKey(domain: string, selector: string): never {
  throw new UserError(`There is no key with the selector "${selector}" for ${domain}.`, {
    code: 'not-found',
    hint: 'See which there are: broadsheet dkim list',
  });
}

function infoOf(row: Selectable<DkimKeys>): DkimKeyInfo {
  const isRsa = algorithmOf(row) === 'rsa-sha256';
  const publicKey = createPublicKey(row.private_key);
  // RFC 8463 section 4: of an Ed25519 key only the 32 bytes stand in the record, without their frame.
  const bytes = publicKey.export({ type: 'spki', format: 'der' });
  const p = (isRsa ? bytes : bytes.subarray(-32)).toString('base64');
  return {
    domain: row.domain,
    selector: row.selector,
    algorithm: algorithmOf(row),
    createdAt: row.created_at,
    activeSince: row.active_since,
    recordName: `${row.selector}._domainkey.${row.domain}`,
    record: `v=DKIM1; k=${isRsa ? 'rsa' : 'ed25519'}; p=${p}`,
  };
}

function makeKey(algorithm: DkimKey['algorithm']): { privateKey: string; algorithm: DkimKey['algorithm'] } {
  const encoding = {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  } as const;
  const { privateKey } =
    algorithm === 'rsa-sha256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048, ...encoding })
      : generateKeyPairSync('ed25519', encoding);
  return { privateKey: String(privateKey), algorithm };
}

function readKey(pem: string): { privateKey: string; algorithm: DkimKey['algorithm'] } {
  try {
    const key = createPrivateKey(pem);
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
    const bits = details?.modulusLength ?? 0;
    if (type === 'rsa' && bits < 2048) throw new Error(`it has ${bits} bits, and mailboxes want 2048`);
    if (type !== 'rsa' && type !== 'ed25519') throw new Error(`it is of the kind ${type}`);
    return {
      privateKey: String(key.export({ type: 'pkcs8', format: 'pem' })),
      algorithm: type === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256',
    };
  } catch (error) {
    throw new UserError(`The private key cannot be used: ${(error as Error).message}.`, {
      code: 'usage',
      hint: 'Give a file in PEM with a key of RSA (2048 bits or more) or Ed25519, without a password.',
    });
  }
}

function nameOf(what: 'domain' | 'selector', text: string): string {
  const name = text.trim().toLowerCase();
  if (
    name.length > 200 ||
    !/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/.test(name)
  )
    throw new UserError(`"${text}" cannot be a ${what}.`, {
      code: 'usage',
      hint:
        what === 'domain'
          ? 'Write it as in news.example.com; what is not ASCII in its xn-- form.'
          : 'Letters, digits and hyphens, such as 2026a.',
    });
  return name;
}
