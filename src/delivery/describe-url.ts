import { parseSmtpUrl } from './smtp/server.ts';

/** How a way out is called for people, without a password. */
export function describeUrl(url: string): string {
  return /^(?:sendmail|module):\/\//.test(url) ? url : parseSmtpUrl(url).describe;
}
