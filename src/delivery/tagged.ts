/** `local@domain` and a tag: `local+tag@domain` (RFC 5233 section 1). */
export function tagged(address: string, tag: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}+${tag}${address.slice(at)}`;
}
