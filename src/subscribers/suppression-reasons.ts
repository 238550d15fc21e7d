export type SuppressionReason = 'bounce' | 'complaint' | 'unsubscribe' | 'erasure' | 'manual';

/** From the most to the least binding: a weaker reason never replaces a stronger one. */
export const suppressionReasons: readonly SuppressionReason[] = [
  'erasure',
  'complaint',
  'manual',
  'bounce',
  'unsubscribe',
];
