/**
 * When a delivery was made: the signed time, which has whole seconds, so that the last moment of that second is meant,
 * but never after it was received. Without a signed time, the moment of receipt.
 */
export function deliveryTime(signedAt: Date | null, receivedAt: Date): Date {
  if (signedAt === null) return receivedAt;
  const lastOfSecond = signedAt.getTime() + 999;
  const isSameSecond = signedAt.getTime() <= receivedAt.getTime() && receivedAt.getTime() <= lastOfSecond;
  return isSameSecond ? receivedAt : new Date(lastOfSecond);
}
