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

type Stage = 'conn' | 'helo' | 'mail' | 'rcpt' | 'data' | 'dot';

const ours = 'mail.relay.test';
const sender = 'bounces@harbour.example.com';

/** The whole message that a server of the sample's form sends. An unknown form is an Error. */
export function inForm(sample: Sample): Buffer {
  if (sample.form === 'raw') return Buffer.from(sample.words.join('\r\n'));
  const make = forms[sample.form];
  if (!make)
    throw new Error(`There is no form "${sample.form}"; choose from ${Object.keys(forms).join(', ')}.`);
  return Buffer.from(make(sample).join('\r\n'));
}

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

function dsn(sample: Sample, report: Report): string[] {
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
function letter(
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

const smtp = (sample: Sample) => [`Remote-MTA: dns; ${sample.host}`, ...diagnostic(sample)];
function diagnostic({ words }: Sample): string[] {
  const [first = '', ...more] = words;
  return [`Diagnostic-Code: smtp; ${first}`, ...more.map((line) => `    ${line}`)];
}
const daemon = `Mail Delivery System <MAILER-DAEMON@${ours}>`;
const joined = ({ words }: Sample) => words.join(' ');
const indented = (lines: string[], by = 4) => lines.map((line) => ' '.repeat(by) + line);

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

const command = ({ stage, to }: Sample) =>
  ({
    conn: '',
    helo: `EHLO ${ours}`,
    mail: `MAIL From:<${sender}>`,
    rcpt: `RCPT To:<${to}>`,
    data: 'DATA',
    dot: '.',
  })[stage];

const forms: Record<string, (sample: Sample) => string[]> = {
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
  courier: (s) =>
    dsn(s, {
      from: `"Courier mail server at ${ours}" <postmaster@${ours}>`,
      subject: 'NOTICE: mail delivery status.',
      text: [
        `This is a delivery status notification from ${ours},`,
        'running the Courier mail server, version 1.0.',
        '',
        'The original message was received on Tue, 24 Nov 2026 07:29:00 +0000',
        '',
        '                         UNDELIVERABLE MAIL',
        '',
        'Your message to the following recipients cannot be delivered:',
        '',
        `<${s.to}>:`,
        `    ${s.host} [192.0.2.25]:`,
        `>>> ${command(s)}`,
        ...s.words.map((line) => `<<< ${line}`),
      ],
      fields: smtp(s),
    }),
  opensmtpd: (s) =>
    dsn(s, {
      from: `Mailer Daemon <MAILER-DAEMON@${ours}>`,
      subject: 'Delivery status notification: error',
      text: [
        '    Hi!',
        '',
        '    This is the MAILER-DAEMON, please DO NOT REPLY to this email.',
        '',
        '    An error has occurred while attempting to deliver a message for',
        '    the following list of recipients:',
        '',
        `${s.to}: ${joined(s)}`,
        '',
        '    Below is a copy of the original message:',
      ],
    }),
  powermta: (s) =>
    dsn(s, {
      from: `<MAILER-DAEMON@${ours}>`,
      subject: 'Delivery report',
      text: [
        `Hello, this is the mail server on ${ours}.`,
        '',
        'I am sending you this message to inform you on the delivery status of a',
        'message you previously sent.  Immediately below you will find a list of',
        'the affected recipients;  also attached is a Delivery Status Notification',
        '(DSN) report in standard format, as well as the headers of the original',
        'message.',
        '',
        `  <${s.to}>  delivery failed; will not continue trying`,
      ],
      fields: smtp(s),
    }),
  mdaemon: (s) =>
    letter(s, {
      from: `postmaster@${ours}`,
      subject: 'Permanent Delivery Failure',
      text: [
        'The attached message had PERMANENT fatal delivery errors!',
        '',
        'After one or more unsuccessful delivery attempts the attached message has been removed from the mail queue.',
        '',
        `Failed address: ${s.to}`,
        '',
        '--- Session Transcript ---',
        ` Tue 2026-11-24 07:29:58: Parsing message <xxxxxxxxxxxxxx\\pd50000000017.msg>`,
        ` Tue 2026-11-24 07:29:58: *  To: ${s.to}`,
        ` Tue 2026-11-24 07:29:59: Connection established (198.51.100.7:51022 -> 192.0.2.25:25)`,
        ` Tue 2026-11-24 07:29:59: --> ${command(s)}`,
        ...s.words.map((line) => ` Tue 2026-11-24 07:29:59: <-- ${line}`),
        ' Tue 2026-11-24 07:29:59: --> QUIT',
        '--- End Transcript ---',
      ],
    }),
  smartermail: (s) =>
    letter(
      s,
      {
        from: 'System Administrator <>',
        subject: 'Delivery Failure',
        text: [
          'Could not deliver message to the following recipient(s):',
          '',
          `Failed Recipient: ${s.to}`,
          `Reason: Remote host said: ${joined(s)}`,
        ],
      },
      '   -- The header and top 20 lines of the message follows --',
    ),
  hmailserver: (s) =>
    letter(s, {
      from: `mailer-daemon@${ours}`,
      subject: 'Message undeliverable: The old lighthouse is lit again',
      text: [
        'Your message did not reach some or all of the intended recipients.',
        '',
        '   Sent: Tue, 24 Nov 2026 07:29:00 +0000',
        '   Subject: The old lighthouse is lit again',
        '',
        'The following recipient(s) could not be reached:',
        '',
        s.to,
        '   Error Type: SMTP',
        '   Remote server (192.0.2.25) issued an error.',
        `   hMailServer sent: ${command(s)}`,
        `   Remote server replied: ${joined(s)}`,
        '',
        'hMailServer',
      ],
    }),
  mailenable: (s) =>
    letter(s, {
      from: `Postmaster@${ours}`,
      subject: 'Message Delivery Failure',
      text: [
        'MailEnable: Message could not be delivered to some recipients.',
        'The following recipient(s) could not be reached:',
        '',
        `\tRecipient: [SMTP:${s.to}]`,
        `\tReason: Remote SMTP Server Returned: ${joined(s)}`,
        '',
        'Message headers follow:',
      ],
    }),
  ironport: (s) =>
    dsn(s, {
      from: `"Mail Delivery System" <MAILER-DAEMON@${ours}>`,
      subject: 'Delivery Status Notification (Failure)',
      text: [
        `The following message to <${s.to}> was undeliverable.`,
        'The reason for the problem:',
        ...s.words,
      ],
      fields: [`Diagnostic-Code: smtp; ${joined(s)}`],
    }),
  communigate: (s) =>
    dsn(s, {
      from: `<MAILER-DAEMON@${ours}>`,
      subject: 'Undeliverable mail: The old lighthouse is lit again',
      text: [`Failed to deliver to '${s.to}'`, ...s.words],
    }),
  xmail: (s) =>
    letter(
      s,
      {
        from: `postmaster@${ours}`,
        subject: `Error sending message [1795505399.17.${ours}] from [harbour.example.com]`,
        text: [
          `[<00>] XMail bounce: Rcpt=[${s.to}];Error=[${joined(s)}]`,
          '',
          '[<01>] Error sending message [1795505399.17] from [harbour.example.com].',
          '',
          `ID:        <S17>`,
          `Mail From: <${sender}>`,
          `Rcpt To:   <${s.to}>`,
          `Server:    <${s.host}> [192.0.2.25]`,
          '',
          '[<02>] The reason of the delivery failure was:',
          '',
          ...s.words,
        ],
      },
      '[<04>] Here is listed the initial part of the message:',
    ),
  domino: (s) =>
    dsn(s, {
      from: 'Mail Router <postmaster@verein.test>',
      subject: `DELIVERY FAILURE: ${joined(s)}`,
      text: [
        'Your message',
        '',
        '  Subject: The old lighthouse is lit again',
        '',
        'was not delivered to:',
        '',
        `  ${s.to}`,
        '',
        'because:',
        '',
        ...indented(s.words, 2),
      ],
      fields: [`Diagnostic-Code: X-Notes; ${joined(s)}`],
    }),
  groupwise: (s) =>
    letter(s, {
      from: `<postmaster@verein.test>`,
      subject: 'Message status - undeliverable',
      text: [
        'The message that you sent was undeliverable to the following:',
        `\t${s.to.split('@')[0]} (${joined(s)})`,
        '',
        'Possibly truncated original message follows:',
      ],
    }),
  kundenserver: (s) =>
    letter(
      s,
      {
        from: `Mail Delivery System <mailer-daemon@${ours}>`,
        subject: 'Mail delivery failed: returning message to sender',
        text: [
          'This message was created automatically by mail delivery software.',
          '',
          'A message that you sent could not be delivered to one or more of its',
          'recipients. This is a permanent error. The following address failed:',
          '',
          `"${s.to}":`,
          `SMTP error from remote server for ${{ conn: 'greeting', helo: 'HELO command', mail: 'MAIL FROM command', rcpt: 'RCPT TO command', data: 'DATA command', dot: 'TEXT command' }[s.stage]}, host: ${s.host} (192.0.2.25) reason: ${joined(s)}`,
        ],
      },
      '--- The header of the original message is following. ---',
    ),
  oracle: (s) =>
    dsn(s, {
      from: `Internet Mail Delivery <postmaster@${ours}>`,
      subject: 'Delivery Notification: Delivery has failed',
      text: [
        'This report relates to a message you sent with the following header fields:',
        '',
        '  Message-id: <edition.17@harbour.example.com>',
        '  Subject: The old lighthouse is lit again',
        '',
        'Your message cannot be delivered to the following recipients:',
        '',
        `  Recipient address: ${s.to}`,
        `  Reason: ${s.words[0]}`,
        ...(s.words[1]
          ? [
              `  Diagnostic code: smtp;${s.words[1]}`,
              `  Remote system: dns;${s.host} (TCP|198.51.100.7|25|192.0.2.25|25)`,
            ]
          : []),
      ],
      fields: s.words[1] ? [`Diagnostic-code: smtp;${s.words[1]}`] : [],
    }),
  ses: (s) =>
    dsn(s, {
      from: 'MAILER-DAEMON@eu-west-1.amazonses.com',
      subject: 'Delivery Status Notification (Failure)',
      reporting: 'a8-31.smtp-out.amazonses.com',
      text: ['An error occurred while trying to deliver the mail to the following recipients:', s.to],
      fields: [`Remote-MTA: dns; ${s.host}`, `Diagnostic-Code: smtp; ${joined(s)}`],
    }),
  // A report without a text, as relays for bulk mail make them.
  bare: (s) =>
    dsn(s, {
      from: `<MAILER-DAEMON@${ours}>`,
      subject: 'Delivery Status Notification',
      text: [],
      fields: diagnostic(s),
    }),
  // A report whose machine-readable part is missing: all that there is, is a sentence.
  plain: (s) =>
    letter(
      s,
      { from: `Mail System <postmaster@${ours}>`, subject: 'Undeliverable mail', text: s.words },
      '----- Original message -----',
    ),
  dragonfly: (s) =>
    letter(
      s,
      {
        from: `<>`,
        subject: 'Mail delivery failed',
        text: [
          `This is the DragonFly Mail Agent v0.13 at ${ours}.`,
          '',
          `There was an error delivering your mail to <${s.to}>.`,
          '',
          ...(s.stage === 'conn'
            ? []
            : [
                `${s.host} [192.0.2.25] did not like our ${{ helo: 'EHLO', mail: 'MAIL FROM', rcpt: 'RCPT TO', data: 'DATA', dot: 'final DATA' }[s.stage]}:`,
              ]),
          ...s.words,
          '',
          'Original message follows.',
        ],
      },
      '',
    ),
};
