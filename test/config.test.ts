import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig, SETTINGS } from '../src/server/config.ts';
import { fromRoot } from './generated-files.ts';

const secret = 'an-invented-secret-of-forty-characters-x';

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the configuration', () => {
  test('needs nothing at all', () => {
    expect(loadConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      databaseUrl: null,
      adminDatabaseUrl: null,
      publicUrl: 'http://127.0.0.1:3000',
      secrets: [],
      tokens: null,
    });
    expect(loadConfig({}).dataDir).toMatch(/\/data$/);
  });

  test('takes an empty variable as not set, and spaces around a value as a slip', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: ' ' })).toMatchObject({ port: 3000, databaseUrl: null });
    expect(loadConfig({ PORT: ' 8080 ' }).port).toBe(8080);
  });

  test('tells every problem at once, each with what to do, and repeats no value', () => {
    const problems = problemsOf({
      PORT: '80 80',
      DATABASE_URL: 'mysql://verve_app:hunter2@db/verve',
      VERVE_SECRET: 'hunter2',
      VERVE_PUBLIC_URL: 'verve.example.org',
      VERVE_LOG_LEVEL: 'loud',
    });
    expect(problems).toEqual([
      'PORT must be a whole number from 0 to 65535, for example 3000.',
      'DATABASE_URL must look like postgres://verve_app:PASSWORD@HOST:5432/DATABASE; write special characters of the password as %XX.',
      'VERVE_PUBLIC_URL must be an address such as https://verve.example.org, without user, ? or #.',
      'VERVE_SECRET must have at least 32 characters; make one with: openssl rand -base64 48.',
      'VERVE_LOG_LEVEL must be debug, info, warn, error or silent.',
    ]);
    expect(problems.join()).not.toContain('hunter2');
  });

  test('requires the secret with a PostgreSQL of your own', () => {
    const url = 'postgres://verve_app:x@db.example.org/verve';
    expect(problemsOf({ DATABASE_URL: url })).toEqual([
      expect.stringMatching(/^VERVE_SECRET is required with DATABASE_URL/),
    ]);
    expect(loadConfig({ DATABASE_URL: url, VERVE_SECRET: secret })).toMatchObject({
      databaseUrl: url,
      secrets: [secret],
    });
  });

  test('takes several secrets, newest first, each long enough', () => {
    const older = secret.replace('an', 'the');
    expect(loadConfig({ VERVE_SECRET: `${secret}, ${older}` }).secrets).toEqual([secret, older]);
    expect(problemsOf({ VERVE_SECRET: `${secret},short` })).toHaveLength(1);
  });

  test('names a mistyped variable instead of ignoring it', () => {
    expect(problemsOf({ VERVE_PUBLIC_URI: 'https://verve.example.org' })).toEqual([
      expect.stringMatching(/^VERVE_PUBLIC_URI is not a setting of Verve\. There are: PORT, .*VERVE_PUBLIC_URL/),
    ]);
  });

  test('finds the keys of an issuer by itself, and wants the issuer with them', () => {
    expect(loadConfig({ VERVE_JWT_ISSUER: 'https://id.example.org/auth/v1/' }).tokens).toEqual({
      issuer: 'https://id.example.org/auth/v1/',
      audience: 'authenticated',
      jwksUrl: 'https://id.example.org/auth/v1/.well-known/jwks.json',
    });
    expect(problemsOf({ VERVE_JWKS_URL: 'https://id.example.org/keys' })).toEqual([
      expect.stringMatching(/^VERVE_JWT_ISSUER is required/),
    ]);
  });

  test('makes a public address that can be opened', () => {
    expect(loadConfig({ HOST: '0.0.0.0' }).publicUrl).toBe('http://localhost:3000');
    expect(loadConfig({ HOST: '::1', PORT: '8080' }).publicUrl).toBe('http://[::1]:8080');
    expect(loadConfig({ VERVE_PUBLIC_URL: 'https://verve.example.org/' }).publicUrl).toBe('https://verve.example.org');
    expect(loadConfig({ VERVE_PUBLIC_URL: 'HTTPS://verve.example.org' }).publicUrl).toBe('https://verve.example.org');
  });
});

describe('the page about the configuration', () => {
  test('has a row for every setting, as the program knows it', async () => {
    const page = await readFile(fromRoot('docs/configuration.md'), 'utf8');
    const rows = SETTINGS.map(({ name, meaning, fallback }) => `| \`${name}\` | ${meaning} | ${fallback ?? '–'} |`);
    const told = page.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
    expect(told.filter((line) => line.startsWith('| `'))).toEqual(rows);
  });
});
