const dotless = new Set(['gmail.com', 'googlemail.com']);

/**
 * The mailbox that an address, as compared, leads to as far as that is known: without a tag (`ada+shop@`), and at Google without
 * dots. For limits alone: to send to, and to know people by, an address is taken as it is written.
 */
export function mailboxOf(key: string): string {
  const at = key.lastIndexOf('@');
  const domain = key.slice(at + 1);
  const local = key.slice(0, at);
  // What begins with the sign is no tag.
  const untagged = local.replace(/(?<=.)\+.*$/s, '');
  return dotless.has(domain) ? `${untagged.replaceAll('.', '')}@gmail.com` : `${untagged}@${domain}`;
}
