/**
 * An address of a story or picture as it may stand in a link or an image: intake takes no other, but what is in the database
 * is not trusted to have come through it.
 * @returns undefined for `javascript:`, `data:` and whatever else is no web address
 */
export function webAddress(text: string | null | undefined): string | undefined {
  const { protocol } = URL.parse(text ?? '') ?? {};
  return protocol === 'https:' || protocol === 'http:' ? (text ?? undefined) : undefined;
}
