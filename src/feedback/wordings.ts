import { foreignWordings } from './foreign-wordings.ts';
import type { Wording } from './wording.ts';
import { accessWordings } from './wordings/access.ts';
import { blockedWordings } from './wordings/blocked.ts';
import { certainWordings } from './wordings/certain.ts';
import { contentWordings } from './wordings/content.ts';
import { domainWordings } from './wordings/domain.ts';
import { mailboxWordings } from './wordings/mailbox.ts';
import { mailboxStateWordings } from './wordings/mailbox-state.ts';
import { malwareAndSpamWordings } from './wordings/malware-and-spam.ts';
import { ownReportWordings } from './wordings/own-reports.ts';
import { ratesAndNetworkWordings } from './wordings/rates-and-network.ts';
import { senderAddressWordings } from './wordings/sender-address.ts';
import { senderProofWordings } from './wordings/sender-proof.ts';
import { sizeAndSpaceWordings } from './wordings/size-and-space.ts';
import { systemsWordings } from './wordings/systems.ts';

/**
 * What servers write, from the most to the least certain: the first row that matches counts, so the order of the files and
 * of the rows in them matters. It is matched against text without addresses and links, so that a mailbox called `spam` is none.
 */
export const wordings: Wording[] = [
  ...ownReportWordings,
  ...certainWordings,
  ...senderProofWordings,
  ...malwareAndSpamWordings,
  ...blockedWordings,
  ...senderAddressWordings,
  ...sizeAndSpaceWordings,
  ...mailboxStateWordings,
  ...domainWordings,
  // Other languages. Behind what certainly is English, before words that several languages share.
  ...foreignWordings,
  ...mailboxWordings,
  ...ratesAndNetworkWordings,
  ...contentWordings,
  ...accessWordings,
  ...systemsWordings,
];

export { weakWordings } from './wordings/weak.ts';
