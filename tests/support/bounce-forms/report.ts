/** One made-up bounce in short: which server's form it has, whose mailbox it is about, and what was said. */
export interface Sample {
  form: string;
  reason: string;
  to: string;
  /** The server that refused. */
  host: string;
  /** Where in the conversation it refused. */
  stage: Stage;
  status: string;
  action: string;
  /** What was said, or all of the message if the form is "raw". */
  words: string[];
}

export type Stage = 'conn' | 'helo' | 'mail' | 'rcpt' | 'data' | 'dot';

export const ours = 'mail.relay.test';
export const sender = 'bounces@harbour.example.com';

/** The name of the report's subject, its text, and what a machine reads. */
interface Report {
  from: string;
  subject: string;
  text: string[];
  fields?: string[];
  reporting?: string;
}

const original = ({ to }: Sample) => [
  'Received: from desk.harbour.example.com by mail.relay.test; Tue, 24 Nov 2026 07:29:00 +0000',
  'From: The Harbour Post <news@harbour.example.com>',
  `To: ${to}`,
  'Message-ID: <edition.17@harbour.example.com>',
  'Subject: The old lighthouse is lit again',
];

function head({ from, subject }: Report, type: string): string[] {
  return [
    'Return-Path: <>',
    `From: ${from}`,
    `To: ${sender}`,
    `Subject: ${subject}`,
    'Date: Tue, 24 Nov 2026 07:30:00 +0000',
    'Message-ID: <notice.1@mail.relay.test>',
    'MIME-Version: 1.0',
    `Content-Type: ${type}`,
  ];
}

export function dsn(sample: Sample, report: Report): string[] {
  return [
    ...head(report, 'multipart/report; report-type=delivery-status; boundary="=_cut"'),
    '',
    '--=_cut',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...report.text,
    '',
    '--=_cut',
    'Content-Type: message/delivery-status',
    '',
    `Reporting-MTA: dns; ${report.reporting ?? ours}`,
    '',
    `Final-Recipient: rfc822; ${sample.to}`,
    `Action: ${sample.action}`,
    `Status: ${sample.status}`,
    ...(report.fields ?? []),
    '',
    '--=_cut',
    'Content-Type: text/rfc822-headers',
    '',
    ...original(sample),
    '',
    '--=_cut--',
    '',
  ];
}

/** A notice of text alone, with the message below it. */
export function letter(
  sample: Sample,
  report: Report,
  above = '------ This is a copy of the message ------',
): string[] {
  return [
    ...head(report, 'text/plain; charset=utf-8'),
    'Content-Transfer-Encoding: 8bit',
    '',
    ...report.text,
    '',
    above,
    '',
    ...original(sample),
    '',
    'The lamp was out for eleven years.',
    '',
  ];
}

export const smtp = (sample: Sample) => [`Remote-MTA: dns; ${sample.host}`, ...diagnostic(sample)];
export function diagnostic({ words }: Sample): string[] {
  const [first = '', ...more] = words;
  return [`Diagnostic-Code: smtp; ${first}`, ...more.map((line) => `    ${line}`)];
}
export const daemon = `Mail Delivery System <MAILER-DAEMON@${ours}>`;
export const joined = ({ words }: Sample) => words.join(' ');
export const indented = (lines: string[], by = 4) => lines.map((line) => ' '.repeat(by) + line);

export const command = ({ stage, to }: Sample) =>
  ({
    conn: '',
    helo: `EHLO ${ours}`,
    mail: `MAIL From:<${sender}>`,
    rcpt: `RCPT To:<${to}>`,
    data: 'DATA',
    dot: '.',
  })[stage];

/** The lines of a whole message, in the form of one kind of server. */
export type Form = (sample: Sample) => string[];
