import { createHash } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { UserError } from '../errors.ts';

/** An email address that has been checked. */
export interface Address {
  /** What mail is sent to: the local part as written, the domain in lower-case ASCII. */
  email: string;
  /** What two spellings of one address have in common: the local part case-folded as well. */
  key: string;
  /** SHA-256 of the key. Suppressions and the consent log know an address by this alone. */
  hash: Buffer;
}

/**
 * Checks an address as `parseAddress` does, without hashing it: for files of a million rows, whose hashes Postgres makes.
 * @throws UserError with code `address` saying what is wrong with it
 */
export function checkAddress(text: string): Omit<Address, 'hash'> {
  const written = text.trim();
  const at = written.indexOf('@');
  // Most addresses are plain ASCII, which the first part of this settles; everything else goes the long way.
  if (at > 0 && at <= 64 && written.length <= 254 && plainLocal.test(written.slice(0, at))) {
    const domain = plainDomain(written.slice(at + 1));
    if (domain && at + 1 + domain.length <= 254) {
      const local = written.slice(0, at);
      return { email: `${local}@${domain}`, key: `${local.toLowerCase()}@${domain}` };
    }
  }
  return examine(written);
}

const plainLocal = /^[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/;
const knownDomains = new Map<string, string>();

/** The ASCII form of a domain that was found good before, or is now; undefined if it needs a closer look. */
function plainDomain(written: string): string | undefined {
  const known = knownDomains.get(written);
  if (known) return known;
  if (!/^[a-zA-Z0-9.-]+$/.test(written)) return undefined;
  try {
    const domain = asciiDomain(written, written);
    if (knownDomains.size >= 5_000) knownDomains.clear();
    knownDomains.set(written, domain);
    return domain;
  } catch {
    return undefined;
  }
}

/**
 * Checks an address against RFC 5321 and, for letters beyond ASCII, RFC 6531.
 * White space around it is ignored; an international domain becomes ASCII.
 * @throws UserError with code `address` saying what is wrong with it
 */
export function parseAddress(text: string): Address {
  const address = checkAddress(text);
  return { ...address, hash: createHash('sha256').update(address.key).digest() };
}

function examine(written: string): Omit<Address, 'hash'> {
  if (written === '') throw wrong(written, 'it is empty');
  if (/[\r\n]/.test(written)) throw wrong(written, 'it contains a line break');
  // Control, bidirectional and other invisible characters would let an address look like another one.
  if (/\p{C}/u.test(written)) throw wrong(written, 'it contains an invisible or control character');
  if (/[<>]/.test(written)) throw wrong(written, 'it has angle brackets; give the bare address');
  const at = written.lastIndexOf('@');
  if (at < 0) throw wrong(written, 'it has no @');
  const local = unquoted(written.slice(0, at));
  const domainAsWritten = written.slice(at + 1);

  if (local === '') throw wrong(written, 'nothing stands before the @');
  if (local.startsWith('"'))
    throw wrong(written, 'the part before the @ needs quotation marks, which most mail providers refuse');
  if (/\p{Z}/u.test(written)) throw wrong(written, 'it contains a space');
  if (local.includes('@')) throw wrong(written, 'it has more than one @');
  if (Buffer.byteLength(local) > 64) throw wrong(written, 'the part before the @ is longer than 64 bytes');
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..'))
    throw wrong(written, 'the part before the @ has a dot at its start or end, or two in a row');
  // RFC 5321 section 4.1.2 (atext), widened by RFC 6531 section 3.3 to everything beyond ASCII.
  const odd = /[^a-z0-9!#$%&'*+\-/=?^_`{|}~.\u0080-\u{10ffff}]/iu.exec(local);
  if (odd) throw wrong(written, `the part before the @ contains "${odd[0]}"`);

  if (domainAsWritten === '') throw wrong(written, 'nothing stands after the @');
  if (domainAsWritten.startsWith('['))
    throw wrong(written, 'it names a machine by number; a domain name is needed');
  const domain = asciiDomain(domainAsWritten, written);
  const email = `${local}@${domain}`;
  if (Buffer.byteLength(email) > 254) throw wrong(written, 'it is longer than 254 bytes');

  // In lower case rather than folded, as RFC 8265 has it for names: ß and ss are two mailboxes at one provider.
  const key = `${local.normalize('NFC').toLowerCase().normalize('NFC')}@${domain}`;
  return { email, key };
}

// RFC 5321 section 4.1.2 (dot-string), widened as below.
const needsNoQuotes =
  /^[a-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\u{10ffff}]+(?:\.[a-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\u{10ffff}]+)*$/iu;

/** A local part without quotation marks and backslashes that do not change whom it names (RFC 5321 section 4.1.2). */
function unquoted(local: string): string {
  if (!/^"(?:[^"\\]|\\.)*"$/su.test(local)) return local;
  const bare = local.slice(1, -1).replace(/\\(.)/gsu, '$1');
  return needsNoQuotes.test(bare) ? bare : local;
}

function asciiDomain(written: string, address: string): string {
  // domainToASCII reads its input as a URL host, so what means something in a URL has to be refused before.
  if (/[%/\\?#:@]/.test(written)) throw wrong(address, 'the domain contains a character that no domain has');
  const domain = domainToASCII(written);
  const labels = domain.split('.');
  if (domain === '' || labels.some((label) => !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)))
    throw wrong(address, `"${written}" is not a domain name`);
  if (labels.length < 2) throw wrong(address, `the domain "${written}" has no dot`);
  if (/^\d+$/.test(labels.at(-1) ?? ''))
    throw wrong(address, 'it names a machine by number; a domain name is needed');
  return domain;
}

function wrong(address: string, reason: string): UserError {
  const shown = address.replace(/\p{C}/gu, '\u{fffd}').replace(/^(.{80}).+$/u, '$1…');
  return new UserError(
    shown === '' ? 'The email address is empty.' : `"${shown}" is not an email address: ${reason}.`,
    { code: 'address', details: { reason } },
  );
}
