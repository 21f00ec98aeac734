import { beforeEach, expect, it } from 'vitest';
import { JoinCodes, readJoinCode } from './join-codes.ts';

const ADDRESS = 'centre.example:11443';
const FINGERPRINT = 'ab'.repeat(32);
let now: number;
let codes: JoinCodes;
const make = () => readJoinCode(codes.make('department', ADDRESS, FINGERPRINT).code);

beforeEach(() => {
  now = 0;
  codes = new JoinCodes(() => now);
});

it('says where the centre is, by what it is known and what one becomes', () => {
  expect(make()).toMatchObject({ address: ADDRESS, fingerprint: FINGERPRINT, role: 'department' });
});

it('counts once', () => {
  const { secret } = make();
  expect(codes.redeem(secret).role).toBe('department');
  expect(() => codes.redeem(secret)).toThrow('used or is too old');
});

it('counts for a quarter of an hour', () => {
  const { secret } = make();
  const { secret: other } = make();
  now = 15 * 60_000;
  expect(codes.redeem(secret).role).toBe('department');
  now += 1;
  expect(() => codes.redeem(other)).toThrow('used or is too old');
});

it('counts again when nothing came of it', () => {
  const { secret } = make();
  codes.redeem(secret).giveBack();
  expect(codes.redeem(secret).role).toBe('department');
});

it('is not spent by guesses, and is too long to be guessed', () => {
  const { secret } = make();
  for (let guess = 0; guess < 1000; guess += 1) {
    expect(() => codes.redeem(`${secret.slice(0, -3)}${guess}`)).toThrow('used or is too old');
  }
  expect(Buffer.from(secret, 'base64url')).toHaveLength(24);
  expect(codes.redeem(secret).role).toBe('department');
});

it('is refused when a part of it is missing', () => {
  const { code } = codes.make('gateway', ADDRESS, FINGERPRINT);
  expect(readJoinCode(`  ${code}\n`).role).toBe('gateway');
  for (const part of ['', 'abc', code.slice(0, -8), code.slice(4)]) {
    expect(() => readJoinCode(part)).toThrow('not a whole join code');
  }
});
