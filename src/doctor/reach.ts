import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { certificateAge, type Finding, failed, ok, warning } from './finding.ts';

const mostBytes = 4_096;

/** What came of asking our own public address. */
export interface Reached {
  findings: Finding[];
  /** What its server takes for the time, to the second; undefined: it did not say. */
  date?: Date;
}

/**
 * Whether readers' links lead to us: asks the public address for its health, and how long its certificate holds.
 * @param options.ca a certificate to trust beside the usual ones
 */
export async function checkReachable(
  publicUrl: string,
  clock: Clock,
  options: { signal?: AbortSignal; ca?: string } = {},
): Promise<Reached> {
  const url = `${publicUrl}/health/live`;
  const check = 'public address';
  const mend = `Does "broadsheet serve" run, and does the proxy in front of it lead ${publicUrl} there?`;
  let answer: Awaited<ReturnType<typeof ask>>;
  try {
    answer = await ask(url, options);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const words = messageOf(error).replace(/; if the root CA.*$/, '');
    return {
      findings: [
        /CERT|SELF_SIGNED|UNABLE_TO/.test(code)
          ? failed(
              check,
              `the certificate of ${publicUrl} is not trusted: ${words}`,
              'Renew it, or let the proxy send its whole chain.',
            )
          : failed(check, `${publicUrl} cannot be reached from here: ${words}`, mend),
      ],
    };
  }
  const { status, body, date, certificate } = answer;
  const findings: Finding[] = [];
  if (status === 200 && body.includes('"ok"')) findings.push(ok(check, `${publicUrl} leads to us`));
  else if (status >= 300 && status < 400)
    findings.push(
      failed(
        check,
        `${url} leads elsewhere (${answer.location ?? status}): one-click unsubscribing does not follow`,
        'Set PUBLIC_URL to the address that it leads to.',
      ),
    );
  else findings.push(failed(check, `${url} answers ${status}, and not as we do`, mend));
  if (certificate) {
    const age = certificateAge(certificate, clock.now());
    const renew = 'Renew it: mailboxes and readers are turned away when it ends.';
    findings.push(
      age.status === 'ok'
        ? ok(check, age.says)
        : (age.status === 'failed' ? failed : warning)(check, age.says, renew),
    );
  }
  return { findings, ...(date && { date }) };
}

interface Said {
  status: number;
  body: string;
  location: string | undefined;
  date: Date | undefined;
  /** When its certificate ends. */
  certificate: string | undefined;
}

function ask(url: string, { signal, ca }: { signal?: AbortSignal; ca?: string }): Promise<Said> {
  const limit = AbortSignal.timeout(6_000);
  const options = {
    agent: false as const,
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    headers: { 'user-agent': 'broadsheet doctor' },
  };
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage) => {
      const date = new Date(response.headers.date ?? '');
      const { socket } = response;
      const certificate = socket instanceof TLSSocket ? socket.getPeerCertificate().valid_to : undefined;
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.length > mostBytes) response.destroy();
      });
      response.on('close', () =>
        resolve({
          status: response.statusCode ?? 0,
          body,
          location: response.headers.location,
          date: Number.isNaN(date.getTime()) ? undefined : date,
          certificate,
        }),
      );
      response.on('error', () => {});
    };
    const request = url.startsWith('https:')
      ? getSecure(url, { ...options, ...(ca && { ca }) }, take)
      : getPlain(url, options, take);
    request.on('error', (error) => reject(limit.aborted ? new Error('it did not answer in time') : error));
  });
}
