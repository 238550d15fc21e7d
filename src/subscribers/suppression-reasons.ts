export type SuppressionReason = 'bounce' | 'complaint' | 'unsubscribe' | 'erasure' | 'manual';

/** From the most to the least binding: of several the first is told. */
export const suppressionReasons: readonly SuppressionReason[] = [
  'erasure',
  'complaint',
  'manual',
  'bounce',
  'unsubscribe',
];
