import ipaddr from 'ipaddr.js';

/**
 * Which addresses a webhook may reach. What is checked is the address that is connected to, not the name: a name can
 * answer differently from one second to the next. Everything that is not plainly public is refused.
 */

/** A public address, this machine, or anything else. */
export type AddressClass = 'public' | 'loopback' | 'refused';

/** Public by range but a cloud's own metadata service all the same. */
const METADATA_ADDRESSES = new Set(['168.63.129.16']);

const GLOBAL_UNICAST_IPV6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];
const NAT64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96];

/**
 * Classes one numeric address. Refused are private, link-local, carrier-grade NAT, unique-local, multicast, reserved,
 * documentation, tunnelled (6to4, Teredo) and metadata addresses, and what is no address. An IPv4 address inside an
 * IPv6 one (mapped, or NAT64) is judged as itself. Pure.
 */
export function classifyAddress(address: string): AddressClass {
  const withoutZone = address.split('%', 1)[0] ?? '';
  if (!ipaddr.IPv6.isValid(withoutZone)) {
    return ipaddr.IPv4.isValidFourPartDecimal(withoutZone) ? classifyIPv4(ipaddr.IPv4.parse(withoutZone)) : 'refused';
  }
  if (address.includes('%')) return 'refused'; // a zone names a link of this machine
  const parsed = ipaddr.IPv6.parse(withoutZone);
  if (parsed.isIPv4MappedAddress()) return classifyIPv4(parsed.toIPv4Address());
  if (parsed.match(NAT64)) return classifyIPv4(new ipaddr.IPv4(parsed.toByteArray().slice(12)));
  if (parsed.range() === 'loopback') return 'loopback';
  return parsed.range() === 'unicast' && parsed.match(GLOBAL_UNICAST_IPV6) ? 'public' : 'refused';
}

/** Whether a delivery may connect there. `allowLoopback` is for development and tests only. (Default: false) */
export function mayConnectTo(address: string, options: { readonly allowLoopback?: boolean } = {}): boolean {
  const addressClass = classifyAddress(address);
  return addressClass === 'public' || (addressClass === 'loopback' && options.allowLoopback === true);
}

function classifyIPv4(address: ipaddr.IPv4): AddressClass {
  if (METADATA_ADDRESSES.has(address.toString())) return 'refused';
  const range = address.range();
  return range === 'unicast' ? 'public' : range === 'loopback' ? 'loopback' : 'refused';
}
