import {
  command,
  diagnostic,
  dsn,
  type Form,
  indented,
  joined,
  letter,
  ours,
  sender,
  smtp,
} from './report.ts';

/** The other servers, hosters, gateways and relays. */
export const rarerForms: Record<string, Form> = {
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
