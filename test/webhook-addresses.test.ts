import { describe, expect, test } from 'vitest';
import { classifyAddress, mayConnectTo } from '../src/engine/webhooks/address-guard.ts';
import { requireEndpointUrl } from '../src/engine/webhooks/endpoint-url.ts';

describe('an address', () => {
  test.each(['8.8.8.8', '193.71.0.1', '2a02:2121::1', '2606:4700:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    '%s is public',
    (address) => expect(classifyAddress(address)).toBe('public'),
  );

  test.each([
    ['this network', '0.0.0.0'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.254'],
    ['private', '192.168.1.1'],
    ['link-local and the usual metadata service', '169.254.169.254'],
    ['the metadata service of AWS on IPv6', 'fd00:ec2::254'],
    ['the metadata service of Azure', '168.63.129.16'],
    ['the metadata service of Alibaba, carrier-grade NAT', '100.100.100.200'],
    ['the metadata service of Oracle', '192.0.0.192'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['carrier-grade NAT', '100.127.255.254'],
    ['benchmarking', '198.18.0.1'],
    ['documentation', '192.0.2.1'],
    ['documentation', '203.0.113.7'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['unique-local', 'fc00::1'],
    ['unique-local', 'fdff::1'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['public with a zone', '2a02:2121::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['documentation', '2001:db8::1'],
    ['Teredo', '2001:0:102:304::1'],
    ['6to4 around a private address', '2002:a00:1::1'],
    ['private, mapped', '::ffff:10.0.0.1'],
    ['link-local, mapped, in hexadecimal', '::ffff:a9fe:a9fe'],
    ['private, IPv4-compatible', '::10.0.0.1'],
    ['private behind NAT64', '64:ff9b::a00:1'],
    ['metadata behind NAT64', '64:ff9b::a9fe:a9fe'],
    ['local NAT64', '64:ff9b:1::808:808'],
    ['discard only', '100::1'],
    ['no address', ''],
    ['no address', 'example.org'],
    ['octal, which some resolvers read as 127.0.0.1', '0177.0.0.1'],
    ['a short form', '127.1'],
  ])('that is %s is refused: %s', (_what, address) => {
    expect(classifyAddress(address)).toBe('refused');
    expect(mayConnectTo(address, { allowLoopback: true })).toBe(false);
  });

  test.each(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'])(
    '%s is this machine, reached only where development allows it',
    (address) => {
      expect(classifyAddress(address)).toBe('loopback');
      expect(mayConnectTo(address)).toBe(false);
      expect(mayConnectTo(address, { allowLoopback: true })).toBe(true);
    },
  );
});

describe('the URL of an endpoint', () => {
  test.each([
    ['https://merker.example.no/hooks/verve', 'https://merker.example.no/hooks/verve'],
    ['https://merker.example.no:8443/h?x=1', 'https://merker.example.no:8443/h?x=1'],
    ['HTTPS://Merker.Example.NO', 'https://merker.example.no/'],
    ['https://8.8.8.8/', 'https://8.8.8.8/'],
  ])('may be %s', (given, normal) => expect(requireEndpointUrl(given)).toBe(normal));

  test.each([
    'http://merker.example.no/',
    'ftp://merker.example.no/',
    'javascript:alert(1)',
    '/relative',
    '',
    'https://user:secret@merker.example.no/',
    'https://merker.example.no/#part',
    'https://localhost/',
    'https://localhost./',
    'https://hooks.LOCALHOST/',
    'https://127.0.0.1/',
    'https://2130706433/', // 127.0.0.1 as one number
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.8/',
    `https://merker.example.no/${'a'.repeat(2048)}`,
  ])('may not be %s', (given) => expect(() => requireEndpointUrl(given)).toThrow('invalid_request'));

  test('may be this machine over http in development, and nothing else private', () => {
    const allowLoopback = { allowLoopback: true };
    expect(requireEndpointUrl('http://127.0.0.1:4010/', allowLoopback)).toBe('http://127.0.0.1:4010/');
    expect(requireEndpointUrl('http://localhost:4010/', allowLoopback)).toBe('http://localhost:4010/');
    expect(() => requireEndpointUrl('http://10.0.0.8/', allowLoopback)).toThrow('invalid_request');
    expect(() => requireEndpointUrl('http://merker.example.no/', allowLoopback)).toThrow('invalid_request');
  });

  test('is never repeated in the refusal', () => {
    expect(() => requireEndpointUrl('https://ola:hemmelig@merker.example.no/')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hemmelig') }),
    );
  });
});
