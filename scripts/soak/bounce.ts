const lines = (...all: string[]) => Buffer.from(all.join('\r\n'));

/** A notice (RFC 3464) that there is no such mailbox, as a mail server sends it to the return path. */
export function hardBounce(returnPath: string, to: string, messageId: string): Buffer {
  return lines(
    'Return-Path: <>',
    'From: MAILER-DAEMON@mx.readers.test (Mail Delivery System)',
    `To: ${returnPath}`,
    'Subject: Undelivered Mail Returned to Sender',
    `Message-ID: <bounce.${messageId}>`,
    `Date: ${new Date().toUTCString()}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
    '',
    '--b1',
    'Content-Type: text/plain',
    '',
    'Your message could not be delivered.',
    '',
    '--b1',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.readers.test',
    '',
    `Final-Recipient: rfc822; ${to}`,
    'Action: failed',
    'Status: 5.1.1',
    `Diagnostic-Code: smtp; 550 5.1.1 <${to}>: Recipient address rejected: User unknown`,
    '',
    '--b1',
    'Content-Type: text/rfc822-headers',
    '',
    `To: ${to}`,
    `Message-ID: <${messageId}>`,
    '',
    '--b1--',
    '',
  );
}

/** A complaint (RFC 5965), as a provider sends it to the newsletter's sender. */
export function complaint(sender: string, to: string, messageId: string): Buffer {
  return lines(
    'From: <fbl@readers.test>',
    `To: ${sender}`,
    'Subject: FW: a newsletter',
    `Message-ID: <complaint.${messageId}>`,
    `Date: ${new Date().toUTCString()}`,
    'Content-Type: multipart/report; report-type=feedback-report; boundary="fb"',
    '',
    '--fb',
    'Content-Type: message/feedback-report',
    '',
    'Feedback-Type: abuse',
    'User-Agent: Readers/1.0',
    'Version: 1',
    '--fb',
    'Content-Type: message/rfc822',
    '',
    `From: <${sender}>`,
    `To: ${to}`,
    `Message-ID: <${messageId}>`,
    '',
    'hello',
    '--fb--',
    '',
  );
}
