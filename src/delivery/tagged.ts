// RFC 5321 section 4.5.3.1.1; strict servers refuse what is longer.
const longestLocalPart = 64;

/**
 * `local@domain` and a tag: `local+tag@domain` (RFC 5233 section 1). Where that would be longer than a local part may be, the
 * address stays as it is: what comes back is then known by the Message-ID alone.
 */
export function tagged(address: string, tag: string): string {
  const at = address.lastIndexOf('@');
  const local = `${address.slice(0, at)}+${tag}`;
  return Buffer.byteLength(local) > longestLocalPart ? address : `${local}${address.slice(at)}`;
}
