const slug = /^[\p{L}\p{N}]+(?:[-_+][\p{L}\p{N}]+){2,}$/u;

/**
 * The words of a story's address: a publisher often writes there what its headline plays with. Only parts that read
 * like a sentence count (three words or more), without file endings and long numbers.
 * @returns words separated by spaces; empty if the address has none
 */
export function addressWords(url: string | null | undefined): string {
  if (!url) return '';
  let path: string;
  try {
    path = decodeURIComponent(new URL(url).pathname);
  } catch {
    return ''; // No address, or a percent sign that encodes nothing: it has no words to give.
  }
  const parts = path
    .split('/')
    .map((part) => part.replace(/\.[a-z]{2,5}$/i, ''))
    .filter((part) => part.length <= 300 && slug.test(part));
  return parts
    .flatMap((part) => part.split(/[-_+]/))
    .filter((word) => /^\p{L}{2,}$/u.test(word) || /^\p{N}{1,4}$/u.test(word))
    .join(' ');
}
