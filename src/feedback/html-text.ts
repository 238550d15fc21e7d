const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };

/** The words of an HTML notice, blocks on lines of their own. For reading only: the result is not safe HTML. */
export function plainText(html: string): string {
  return html
    .slice(0, 200_000)
    .replace(/<(?:br|\/?(?:p|div|tr|td|li|h\d|table|ul|ol))\b[^<>]{0,2000}>/gi, '\n')
    .replace(/<[a-z!/][^<>]{0,2000}>/gi, '')
    .replace(/&(?:#(\d{1,6})|([a-z]{2,6}));/gi, (whole, code?: string, name?: string) =>
      code
        ? String.fromCodePoint(Math.min(Number(code), 0x10ffff))
        : (entities[name!.toLowerCase()] ?? whole),
    );
}
