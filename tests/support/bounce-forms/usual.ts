import {
  command,
  daemon,
  dsn,
  type Form,
  indented,
  joined,
  letter,
  ours,
  type Sample,
  type Stage,
  sender,
  smtp,
} from './report.ts';

const postfixStage: Record<Stage, string> = {
  conn: '',
  helo: ' (in reply to EHLO command)',
  mail: ' (in reply to MAIL FROM command)',
  rcpt: ' (in reply to RCPT TO command)',
  data: ' (in reply to DATA command)',
  dot: ' (in reply to end of DATA command)',
};
const postfixText = (line: string) => [
  `This is the mail system at host ${ours}.`,
  '',
  "I'm sorry to have to inform you that your message could not",
  "be delivered to one or more recipients. It's attached below.",
  '',
  'For further assistance, please send mail to postmaster.',
  '',
  '                   The mail system',
  '',
  ...wrapped(line),
];
function wrapped(text: string): string[] {
  return (text.match(/\S.{0,70}(?=\s|$)/g) ?? []).map((line, at) =>
    at ? `    ${line.trim()}` : line.trim(),
  );
}

const eximStage = ({ stage, to }: Sample) =>
  ({
    conn: 'initial connection',
    helo: `EHLO ${ours}`,
    mail: `MAIL FROM:<${sender}> SIZE=48212`,
    rcpt: `RCPT TO:<${to}>`,
    data: 'DATA',
    dot: 'end of data',
  })[stage];
const eximText = (sample: Sample, said: string[]) => [
  'This message was created automatically by mail delivery software.',
  '',
  'A message that you sent could not be delivered to one or more of its',
  'recipients. This is a permanent error. The following address(es) failed:',
  '',
  `  ${sample.to}`,
  ...indented(said),
];
const eximRemote = (sample: Sample) => [
  `host ${sample.host} [192.0.2.25]`,
  `SMTP error from remote mail server after ${eximStage(sample)}:`,
  ...sample.words,
];
const eximSubject = 'Mail delivery failed: returning message to sender';

const qmailStage: Record<Stage, string> = {
  conn: 'Connected to 192.0.2.25 but greeting failed.',
  helo: 'Connected to 192.0.2.25 but my name was rejected.',
  mail: 'Connected to 192.0.2.25 but sender was rejected.',
  rcpt: '192.0.2.25 does not like recipient.',
  data: '192.0.2.25 failed on DATA command.',
  dot: '192.0.2.25 failed after I sent the message.',
};
const qmail = (sample: Sample, said: string[]) =>
  letter(
    sample,
    {
      from: `MAILER-DAEMON@${ours}`,
      subject: 'failure notice',
      text: [
        `Hi. This is the qmail-send program at ${ours}.`,
        "I'm afraid I wasn't able to deliver your message to the following addresses.",
        "This is a permanent error; I've given up. Sorry it didn't work out.",
        '',
        `<${sample.to}>:`,
        ...said,
      ],
    },
    '--- Below this line is a copy of the message.',
  );

/** Postfix, Exim, Sendmail and qmail; Microsoft, Google and Yahoo. */
export const usualForms: Record<string, Form> = {
  postfix: (s) =>
    dsn(s, {
      from: daemon,
      subject: 'Undelivered Mail Returned to Sender',
      text: postfixText(
        s.stage === 'conn'
          ? `<${s.to}>: host ${s.host}[192.0.2.25] refused to talk to me: ${joined(s)}`
          : `<${s.to}>: host ${s.host}[192.0.2.25] said: ${joined(s)}${postfixStage[s.stage]}`,
      ),
      fields: smtp(s),
    }),
  'postfix-own': (s) =>
    dsn(s, {
      from: daemon,
      subject: 'Undelivered Mail Returned to Sender',
      text: postfixText(`<${s.to}>: ${joined(s)}`),
      fields: [`Diagnostic-Code: X-Postfix; ${joined(s)}`],
    }),
  exim: (s) =>
    dsn(s, { from: daemon, subject: eximSubject, text: eximText(s, eximRemote(s)), fields: smtp(s) }),
  'exim-plain': (s) =>
    letter(
      s,
      { from: daemon, subject: eximSubject, text: eximText(s, eximRemote(s)) },
      '------ This is a copy of the message, including all the headers. ------',
    ),
  'exim-own': (s) =>
    letter(
      s,
      { from: daemon, subject: eximSubject, text: eximText(s, s.words) },
      '------ This is a copy of the message, including all the headers. ------',
    ),
  sendmail: (s) =>
    dsn(s, {
      from: `Mail Delivery Subsystem <MAILER-DAEMON@${ours}>`,
      subject: 'Returned mail: see transcript for details',
      text: [
        'The original message was received at Tue, 24 Nov 2026 07:29:00 GMT',
        'from desk.harbour.example.com [198.51.100.7]',
        '',
        '   ----- The following addresses had permanent fatal errors -----',
        `<${s.to}>`,
        `    (reason: ${s.words[0]})`,
        '',
        '   ----- Transcript of session follows -----',
        `... while talking to ${s.host}.:`,
        ...(s.stage === 'conn' ? [] : [`>>> ${command(s)}`]),
        ...s.words.map((line) => `<<< ${line}`),
        s.stage === 'rcpt' ? `550 5.1.1 <${s.to}>... User unknown` : '554 5.0.0 Service unavailable',
      ],
      fields: [`Remote-MTA: DNS; ${s.host}`, `Diagnostic-Code: SMTP; ${joined(s)}`],
    }),
  qmail: (s) => qmail(s, [qmailStage[s.stage], `Remote host said: ${joined(s)}`]),
  'qmail-own': (s) => qmail(s, s.words),
  exchange: (s) =>
    dsn(s, {
      from: 'Microsoft Exchange <postmaster@verein.test>',
      subject: 'Undeliverable: The old lighthouse is lit again',
      reporting: 'EX01.verein.test',
      text: [
        'Delivery has failed to these recipients or groups:',
        '',
        `${s.to}<mailto:${s.to}>`,
        '',
        'Diagnostic information for administrators:',
        '',
        'Generating server: EX01.verein.test',
        '',
        s.to,
        `${s.host} #${s.words.join(' ')} ##`,
      ],
      fields: [`Diagnostic-Code: smtp;${joined(s)}`],
    }),
  microsoft: (s) =>
    dsn(s, {
      from: 'postmaster@mail.relay.test',
      subject: 'Delivery Status Notification (Failure)',
      text: [
        'This is an automatically generated Delivery Status Notification.',
        '',
        'Delivery to the following recipients failed.',
        '',
        `       ${s.to}`,
      ],
      fields: [`Diagnostic-Code: smtp;${joined(s)}`],
    }),
  google: (s) =>
    dsn(s, {
      from: 'Mail Delivery Subsystem <mailer-daemon@googlemail.com>',
      subject: 'Delivery Status Notification (Failure)',
      reporting: 'googlemail.com',
      text: [
        '** Message not delivered **',
        '',
        `There was a problem delivering your message to ${s.to}. See the technical details below.`,
        '',
        'The response from the remote server was:',
        ...s.words,
      ],
      fields: [
        `Remote-MTA: dns; ${s.host}. (192.0.2.25, the server for the domain.)`,
        `Diagnostic-Code: smtp; ${joined(s)}`,
      ],
    }),
  'google-own': (s) =>
    dsn(s, {
      from: 'Mail Delivery Subsystem <mailer-daemon@googlemail.com>',
      subject: 'Delivery Status Notification (Failure)',
      reporting: 'googlemail.com',
      text: s.words.slice(0, -1),
      fields: [`Diagnostic-Code: smtp; ${s.words.at(-1)}`],
    }),
  yahoo: (s) =>
    letter(
      s,
      {
        from: 'MAILER-DAEMON@yahoo.test',
        subject: 'Failure Notice',
        text: [
          'Sorry, we were unable to deliver your message to the following address.',
          '',
          `<${s.to}>:`,
          joined(s),
        ],
      },
      '--- Below this line is a copy of the message.',
    ),
};
