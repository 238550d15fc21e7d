import { any, type Wording } from './wording.ts';

/**
 * What large providers write in a code of their own; looked for first, in the text with its links, because it says exactly
 * what the sentence around it leaves open. See their postmaster pages.
 */
export const providerWordings: Wording[] = [
  // Google puts the topic of its help page into the link.
  { reason: 'userunknown', words: any(/\?p=nosuchuser/, /\?p=baduser/, /answer(?:\/|\.py\?answer=)6596/) },
  { reason: 'suspend', words: any(/\?p=disableduser/, /\?p=inactiveuser/) },
  { reason: 'mailboxfull', words: any(/\?p=overquota/) },
  {
    reason: 'speeding',
    words: any(
      /\?p=receivingrate/,
      /\?p=unsolicitedratelimit/,
      /4\.2\.1 the user you are trying to contact is receiving/,
      /\b[45]\.7\.28\b/,
    ),
  },
  { reason: 'blocked', words: any(/\?p=unsolicitedipeor/, /\?p=ipblock/) },
  {
    reason: 'badreputation',
    words: any(/\?p=unsolicitedmessageerror.{0,200}reputation/, /very low reputation/),
  },
  { reason: 'speeding', words: any(/unusual rate of/) },
  { reason: 'spamdetected', words: any(/\?p=unsolicitedmessageerror/, /\?p=unsolicitedcontent/) },
  { reason: 'policyviolation', words: any(/\?p=blockedmessage/) },
  // cPanel's sentence for whatever its mail server could not do with a domain.
  { reason: 'hostunknown', words: any(/account or domain may not exist, they may be blacklisted/) },
  { reason: 'rejected', words: any(/groups\.google\.com\/support/) },
  // Microsoft: block lists of Exchange Online and of consumer Outlook.
  { reason: 'authfailure', words: any(/\b5\.7\.5(?:09|12|15)\b/, /\b5\.7\.2[346]\b/) },
  {
    reason: 'blocked',
    words: any(/\b5\.7\.(?:51[13]|6(?:0[6-9]|[1-4]\d)|70[3-5])\b/, /\(s3140\)/, /\(s3150\)/),
  },
  { reason: 'badreputation', words: any(/\b4\.7\.650\b/, /\(s3113\)/, /\(s775\)/) },
  {
    reason: 'speeding',
    words: any(
      /\b4\.7\.500\b/,
      /\b[45]\.7\.(?:510|708|85[01])\b/,
      /\(s77[17]\)/,
      /storedrv\.deliver.{0,80}throttl/,
    ),
  },
  {
    reason: 'userunknown',
    words: any(
      /resolver\.adr\.(?:exrecipnotfound|recipnotfound|recipientnotfound)/,
      /recipientnotfound/,
      /mailbox-?not-?found/,
    ),
  },
  {
    reason: 'mesgtoobig',
    words: any(
      /resolver\.rst\.(?:sendsizelimit|recipsizelimit)/,
      /routing\.sizelimit/,
      /submissionquota\.messagesize/,
    ),
  },
  // Who may write to a group or room: somebody who has logged in, or who is on its list.
  {
    reason: 'securityerror',
    words: any(/resolver\.rst\.(?:authrequired|sendernotauth\w{1,40})/),
  },
  { reason: 'rejected', words: any(/resolver\.rst\.(?:notauthorized|restricted|sendernot\w{1,40})/) },
  { reason: 'systemerror', words: any(/resolver\.adr\.(?:ambiguous|invalidinsmtp|badprimary)/) },
  { reason: 'hostunknown', words: any(/smtpsend\.dns\.nonexistentdomain/, /infodomainnonexistent/) },
  {
    reason: 'toomanyconn',
    words: any(/resolver\.adr\.(?:toomanyrecip|reciplimit)/, /recipient ?limit ?exceeded/),
  },
  {
    reason: 'networkerror',
    words: any(
      /resolver\.fwd\.(?:loop|toomany)/,
      /resolver\.loop/,
      /aql\.looped/,
      /smtpsend\.dns\.mxloopback/,
    ),
  },
  {
    reason: 'mailboxfull',
    words: any(
      /storedrv\.deliver;? ?mailbox(?: is)? full/,
      /mapiexceptionshutoffquota/,
      /mapiexceptionovermessagequota/,
      /quotaexceededexception/,
    ),
  },
  {
    reason: 'suspend',
    words: any(/mailboxdisabledexception/, /accountdisabledexception/, /mapiexceptionmailboxdisabled/),
  },
  { reason: 'expired', words: any(/queue\.expired/) },
  // RFC 5321's own words for 550, as consumer Outlook says them of a mailbox that is not there.
  { reason: 'rejected', at: ['mail'], words: any(/requested action not taken: mailbox unavailable/) },
  { reason: 'userunknown', words: any(/\b5\.5\.0 requested action not taken: mailbox unavailable/) },
  // Yahoo and AOL.
  { reason: 'badreputation', words: any(/\[ts[s0]\d\d?\]/, /\[ph0?1\].{0,80}reputation/) },
  { reason: 'blocked', words: any(/\[bl\d\d\]/, /\[ipts04\]/, /hvu:b\d/, /rtr:bl/, /rly:b\d/, /dny:b\d/) },
  {
    reason: 'userunknown',
    words: any(
      /delivery error: dd (?:this user doesn't|not a valid recipient|requested mail action aborted, mailbox not found)/,
    ),
  },
  { reason: 'policyviolation', words: any(/not accepted for policy reasons/) },
  // Orange, Wanadoo, La Poste: a number behind a bilingual sentence.
  { reason: 'userunknown', words: any(/\b(?:ofr|lpn)\w{0,4}_416\b/) },
  { reason: 'mailboxfull', words: any(/\b(?:ofr|lpn)\w{0,4}_417\b/) },
  { reason: 'suspend', words: any(/\b(?:ofr|lpn)\w{0,4}_426\b/) },
  { reason: 'toomanyconn', words: any(/\b(?:ofr|lpn)\w{0,4}_10[349]\b/) },
  { reason: 'rejected', words: any(/\b(?:ofr|lpn)\w{0,4}_405\b/) },
  { reason: 'authfailure', words: any(/\b(?:ofr|lpn)\w{0,4}_51[5-7]\b/) },
  { reason: 'spamdetected', words: any(/\b(?:ofr|lpn)\w{0,4}_(?:50[67]|51[013])\b/) },
  { reason: 'blocked', words: any(/\b(?:ofr|lpn)\w{0,4}_(?:503|999)\b/) },
  // Cox, and Spectrum (Charter): a code behind "sender rejected".
  { reason: 'blocked', words: any(/aup#(?:cdrbl|cxdnsrbl|bl\b|in-1[25]\d\d)/) },
  { reason: 'requireptr', words: any(/aup#(?:cxsndptr|cxrdns|poptr|in-14\d\d)/) },
  { reason: 'toomanyconn', words: any(/aup#(?:cxconnect|cxmxrt|cxcns|in-13[0-3]\d|in-100\d)/) },
  { reason: 'spamdetected', words: any(/aup#(?:cxsm|cxurl|cxsp|in-1350)/) },
  // Amazon SES, of senders it does not know.
  { reason: 'norelaying', words: any(/identities failed the check/, /email address is not verified/) },
  // What Exim says of domains without mail.
  { reason: 'notaccept', words: any(/indicated no smtp service/) },
  {
    reason: 'hostunknown',
    words: any(
      /host address lookups? failed permanently/,
      /relevant mx records point to non-existent/,
      /unrouteable address/,
    ),
  },
  // Tencent QQ and NetEase 163, whose codes stand behind DT:.
  { reason: 'spamdetected', words: any(/mail content denied/, /\bdt:spm\b/) },
  { reason: 'speeding', words: any(/\bmi:(?:stc|dmc|sfq|cel|ctl)\b/, /\brp:(?:rcl|trc|cel)\b/) },
  { reason: 'rejected', words: any(/\bmi:(?:nhd|ima)\b/) },
  // Proofpoint's page about an address that it blocks.
  { reason: 'blocked', words: any(/ipcheck\.proofpoint\.com/, /proofpoint\.com\/dnsbl/) },
  // Facebook: what kind of thing it is about, whether for good (P) or for now (T), and a number.
  { reason: 'userunknown', words: any(/\b(?:rcp-p1|int-p[134])\b/) },
  { reason: 'filtered', words: any(/\brcp-p[23]\b/) },
  { reason: 'mesgtoobig', words: any(/\bmsg-p1\b/) },
  { reason: 'spamdetected', words: any(/\bpol-p6\b/) },
  { reason: 'virusdetected', words: any(/\bpol-p5\b/) },
  { reason: 'authfailure', words: any(/\bpol-p7\b/) },
  { reason: 'blocked', words: any(/\bpol-(?:p[1-4]|t[1-3])\b/) },
  { reason: 'toomanyconn', words: any(/\b(?:con-t[12]|rcp-t[12])\b/) },
  { reason: 'rejected', words: any(/\bdns-p[12]\b/) },
  { reason: 'requireptr', words: any(/\bdns-p3\b/) },
  // Apple.
  { reason: 'blocked', words: any(/\[cs0[123]\](?!.{0,200}\bspam\b)/, /\[pb\d+\]/) },
  { reason: 'badreputation', words: any(/\[hm0[78]\]/) },
];
