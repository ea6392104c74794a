import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPhone } from '../src/engine/contacts/read-phone.ts';
import { html } from '../src/http/pages/html.ts';
import { judgeForm, readEmail, readName, readTypedForm } from '../src/http/pages/join-form.ts';

const all = { name: 'required', phone: 'required', email: 'required' } as const;
const typed = { name: 'Åse Lønø', phone: '400 00 000', email: 'Aase@Lydhor.example', hasConsented: true };

describe('the sign-up form', () => {
  it('takes a name, a Norwegian mobile number and an e-mail address', () => {
    expect(judgeForm(typed, all)).toEqual({
      outcome: 'good',
      contact: { name: 'Åse Lønø', phone: '+4740000000', email: 'aase@lydhor.example' },
    });
  });

  it.each([
    ['40000000', '+4740000000'],
    ['+47 400 00 000', '+4740000000'],
    ['0047 99999999', '+4799999999'],
    ['4790000000', '+4790000000'],
    ['47 900 00 000', '+4790000000'],
    ['+47-900-00-000', '+4790000000'],
    ['(+47) 900\u00a000\u00a0000', '+4790000000'],
    ['9 0 0 0 0 0 0 0', '+4790000000'],
    ['47900000', '+4747900000'],
    ['4747900000', '+4747900000'],
    ['+4722222222', null],
    ['+45 20 00 00 00', '+4520000000'],
    ['+46 70 000 00 00', '+46700000000'],
    ['0046-70-000 00 00', '+46700000000'],
    ['+46 (0)70-000 00 00', '+46700000000'],
    ['+46 070 000 00 00', '+46700000000'],
    ['+44 7700 900000', '+447700900000'],
    ['+1 (202) 555-0100', '+12025550100'],
    ['+1 202 555 010', null],
    ['+1 102 555 0100', null],
    ['+39 06 0000 0000', '+390600000000'],
    ['+225 07 00 00 00 00', '+2250700000000'],
    ['+298 200000', '+298200000'],
    ['+358 40 0000000', '+358400000000'],
    ['+380 50 000 00 00', '+380500000000'],
    ['＋46 70 000 00 00', '+46700000000'],
    ['+210 0000000', null],
    ['+999 0000000', null],
    ['+800 0000 0000', null],
    ['+979 0000 0000', null],
    ['+46 700', null],
    ['+46 0000 0000 0000 00', null],
    ['46700000000', null],
    ['0700000000', null],
    ['+', null],
    ['++46700000000', null],
    ['+46+700000000', null],
    ['+0046700000000', null],
    ['+47 22 22 22 22', null],
    ['0047 400 00 00', null],
    ['90000000 eller 90000001', null],
    ['🇳🇴90000000', null],
    ['22 22 22 22', null],
    ['4000000', null],
    ['400000000', null],
    ['４００００００0', '+4740000000'],
    ['phone', null],
    ['', null],
  ])('reads the number %j as %j', (text, expected) => expect(readPhone(text)).toBe(expected));

  it.each([
    ['12', 'join.error.phone'],
    ['+47 12', 'join.error.phone'],
    ['070-000 00 00', 'join.error.phoneAbroad'],
    ['+46 7', 'join.error.phoneAbroad'],
  ] as const)('says of %j what would be right', (phone, key) =>
    expect(judgeForm({ ...typed, phone }, all)).toEqual({ outcome: 'errors', errors: [{ field: 'phone', key }] }),
  );

  it.each([
    ['kari@epost.no', 'kari@epost.no'],
    [' Kari.Nord+verv@sub.epost.no ', 'kari.nord+verv@sub.epost.no'],
    ['blåbær@æøå.no', 'blåbær@æøå.no'],
    ['bla\u030aba\u0308r@bla\u030a.no', 'blåbär@blå.no'],
    ['KARI@XN--5CAB8C.NO', 'kari@xn--5cab8c.no'],
    ['kari@example.xn--p1ai', 'kari@example.xn--p1ai'],
    ['kari@', null],
    ['kari@epost.no ola@epost.no', null],
    ['kari,ola@epost.no', null],
    ['kari@epost', null],
    ['kari@@epost.no', null],
    ['kari..nord@epost.no', null],
    ['kari@epost.no\nBcc: x@y.no', null],
    ['<kari@epost.no>', null],
    [`${'a'.repeat(65)}@epost.no`, null],
  ])('reads the address %j as %j', (text, expected) => expect(readEmail(text)).toBe(expected));

  it.each([
    ['  Åse  Lønø ', 'Åse Lønø'],
    ['Li', 'Li'],
    ['Bjørn-Åge Ærlighetssønn d’Ångström', 'Bjørn-Åge Ærlighetssønn d’Ångström'],
    ['A\u030ase Nord', 'Åse Nord'],
    ['Áile Čáhppi', 'Áile Čáhppi'],
    ['Kari 🌸', 'Kari 🌸'],
    ['🌸🌸', null],
    ['Ø', null],
    ['12', null],
    ['', null],
    ['a'.repeat(201), null],
    ['\u202egnudegaR\u202c \u2067Ødegård\u2069', 'gnudegaR Ødegård'],
    ['محمد\u200c‌رضا', 'محمد\u200c‌رضا'],
  ])('reads the name %j as %j', (text, expected) => expect(readName(text)).toBe(expected));

  it('says what is wrong with every field, and that the box must be ticked', () => {
    const result = judgeForm({ name: '', phone: '123', email: 'kari', hasConsented: false }, all);
    expect(result).toMatchObject({ outcome: 'errors' });
    if (result.outcome === 'errors') {
      expect(result.errors.map((error) => error.field)).toEqual(['name', 'phone', 'email', 'consent']);
    }
  });

  it('asks for nothing that the organisation hides, and drops it when it is sent all the same', () => {
    const fields = { name: 'required', phone: 'hidden', email: 'optional' } as const;
    expect(judgeForm({ ...typed, email: '' }, fields)).toEqual({
      outcome: 'good',
      contact: { name: 'Åse Lønø', phone: null, email: null },
    });
    expect(judgeForm({ ...typed, email: 'kari' }, fields)).toMatchObject({ outcome: 'errors' });
  });

  it('registers without contact data and without agreeing, where all of it is optional', () => {
    const fields = { name: 'optional', phone: 'optional', email: 'optional' } as const;
    const empty = { name: '', phone: ' ', email: '', hasConsented: false };
    expect(judgeForm(empty, fields)).toMatchObject({ outcome: 'good' });
    expect(judgeForm({ ...empty, name: 'Kari' }, fields)).toMatchObject({ outcome: 'errors' });
  });

  it('reads any post without failing', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string({ unit: 'binary', maxLength: 600 }))), (pairs) => {
        const form = readTypedForm(new URLSearchParams(pairs));
        expect(['good', 'errors']).toContain(judgeForm(form, all).outcome);
        expect(form.name.length).toBeLessThanOrEqual(201);
      }),
    );
  });
});

describe('a template', () => {
  it('escapes every value, in content and in attributes', () => {
    const hostile = `"><script>alert('1')</script>&`;
    const page = html`<a title="${hostile}">${[hostile, html`<b>${hostile}</b>`]}${null}${false}${undefined}${0}</a>`;
    expect(page.markup).not.toContain('<script');
    expect(page.markup.match(/&quot;&gt;&lt;script&gt;alert\(&#39;1&#39;\)&lt;\/script&gt;&amp;/g)).toHaveLength(3);
    expect(page.markup.endsWith('0</a>')).toBe(true);
  });
});
