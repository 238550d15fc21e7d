import type { Config } from '../config.ts';

/**
 * Headers by which a provider's webhook names the delivery: those that do not give back our Message-ID or return path give
 * back these. Only for providers whose webhook is set up.
 * @param token the delivery's signed token
 * @returns header lines with CRLF, or an empty text
 */
export function providerHeaders(webhooks: Config['webhooks'], token: string): string {
  return Object.entries(providerFields(webhooks, token))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

/** The same headers by their names. */
export function providerFields(
  { postmark, sendgrid, sparkpost, brevo }: Config['webhooks'],
  token: string,
): Record<string, string> {
  return {
    ...(postmark && { 'X-PM-Metadata-delivery': token }),
    ...(sendgrid && { 'X-SMTPAPI': `{"unique_args": {"delivery": "${token}"}}` }),
    ...(sparkpost && { 'X-MSYS-API': `{"metadata": {"delivery": "${token}"}}` }),
    ...(brevo && { 'X-Mailin-custom': token }),
  };
}
