import { any, type Wording } from '../wording.ts';

/**
 * Access and encryption, and what is used for much, which means the one who speaks when it is said at the
 * beginning of a conversation.
 */
export const accessWordings: Wording[] = [
  {
    reason: 'securityerror',
    words: any(/unauthenticated/, /authentication (?:is )?(?:required|needed)/, /smtp auth/),
  },
  {
    reason: 'systemerror',
    words: any(
      /transport (?:is )?unavailable/,
      /not accepting network messages/,
      /unable to (?:open|create|write|lock|access|append)/,
      /system (?:is )?(?:busy|down|shutting)/,
    ),
  },
  // What is used for much means, at the beginning of a conversation, the one who speaks.
  {
    reason: 'blocked',
    at: ['connect', 'helo'],
    words: any(
      /reject/,
      /den(?:y|ied)/,
      /refus/,
      /block/,
      /bann/,
      /not (?:allowed|accept|permit|welcome)/,
      /go away/,
      /service not available/,
      /closing (?:transmission )?(?:channel|connection)/,
    ),
  },
  {
    reason: 'rejected',
    at: ['mail'],
    words: any(
      /reject/,
      /den(?:y|ied)/,
      /refus/,
      /block/,
      /not (?:allowed|accept|permit|take|want)/,
      /abuse/,
    ),
  },
  {
    reason: 'securityerror',
    words: any(
      /authentication (?:required|failed|failure|error|needed|is required|unsuccessful|credentials)/,
      /(?:unauthenticated|unauthori[sz]ed) (?:senders?|users?|access|mail|client)?/,
      /authorization (?:failed|required|denied|failure)/,
      /not authori[sz]ed/,
      /(?:must|should|have to|need to|please|requires?|required) (?:first )?(?:be )?(?:use |issue |send )?(?:an? )?(?:auth\w{0,12}|log(?:ged)? ?in|starttls|tls|ssl|encrypt\w{0,4}|pop|check (?:your )?(?:e?-?mail|pop))\b/,
      /smtp auth/,
      /insufficient (?:privilege|security)/,
      /permission denied/,
      /not permitted/,
      /not allowed/,
      /denied (?:by|access)/,
      /access (?:denied|not allowed|restricted|refused|forbidden)/,
      /\baccess_denied\b/,
      /(?:security|cryptographic|encryption|tls|ssl|certificate)(?: \S{1,20}){0,3} (?:error|fail\w{0,4}|problem|required|verif|violation|reasons?|policy|negotiation|handshake|expired|invalid)/,
      /handshake/,
      /too weak/,
      /verification fail/,
      /email address is not verified/,
      /not verified/,
      /sandbox/,
      /privilege/,
      /password/,
      /credentials/,
    ),
  },
];
