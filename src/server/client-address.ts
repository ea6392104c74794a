/**
 * The visitor's address: the connection's, or, behind `trustedProxies` proxies of one's own, the entry that the outermost
 * of them added to X-Forwarded-For. What a sender wrote there further left is never believed.
 */
export function clientAddressOf(connection: string, forwardedFor: string | null, trustedProxies: number): string {
  if (trustedProxies === 0 || forwardedFor === null) return connection;
  const hops = forwardedFor.split(',').map((hop) => hop.trim());
  const believed = hops.at(-trustedProxies);
  return believed !== undefined && /^[0-9a-fA-F:.]{2,45}$/.test(believed) ? believed : connection;
}
