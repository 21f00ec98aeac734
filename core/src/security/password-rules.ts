import { FilmlessError } from '../errors.ts';
import { normalizeUserName, passwordSchema } from './user-rules.ts';

export interface PasswordRules {
  minLength: number;
  /** Of small letters, capitals, digits and other signs. */
  minKinds: number;
}

export const DEFAULT_PASSWORD_RULES: PasswordRules = { minLength: 8, minKinds: 1 };

const KINDS = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{Ll}\p{Lu}\p{N}]/u];
/** Tried first by everyone who guesses; longer ones are made of these and a tail of digits. */
const COMMON = [
  'password', 'passw0rd', 'p@ssw0rd', 'admin', 'administrator', 'qwerty', 'qwertyui', 'qwertyuiop', 'asdfghjk', 'asdfghjkl', 'zxcvbnm',
  'letmein', 'welcome', 'iloveyou', 'woaini', 'hospital', 'yiyuan', 'filmless', 'pacs', 'pacspacs', 'radiology', 'fangshe', 'abc', 'abcd',
  '1q2w3e4r', '1qaz2wsx', 'a', 'aa', 'aaa',
]; // biome-ignore format: one list

/** @throws INVALID_REQUEST (as zod or FilmlessError) saying what is wrong, never what was typed */
export function checkPassword(name: string, password: string, rules: PasswordRules): void {
  passwordSchema.parse(password);
  const wrong = faultOf(name, password, rules);
  if (wrong) throw new FilmlessError('INVALID_REQUEST', `password: ${wrong}`);
}

function faultOf(name: string, password: string, rules: PasswordRules): string | undefined {
  const plain = normalizeUserName(password);
  if ([...password].length < rules.minLength) return `at least ${rules.minLength} characters`;
  if (plain === name) return 'must not be the user name';
  if (name.length >= 4 && plain.includes(name)) return 'must not hold the user name';
  if (isCommon(plain)) return 'is one of those that are guessed first';
  if (KINDS.filter((kind) => kind.test(password)).length < rules.minKinds)
    return `at least ${rules.minKinds} of small letters, capitals, digits and other signs`;
  return undefined;
}

function isCommon(plain: string): boolean {
  const stem = plain.replace(/[\d!@#$.]*$/, '');
  const digitsAlone = /^\d+$/.test(plain);
  const oneSign = new Set(plain).size <= 2;
  return COMMON.includes(stem) || COMMON.includes(plain) || oneSign || (digitsAlone && isRun(plain));
}

/** 12345678, 87654321, 11223344. */
function isRun(digits: string): boolean {
  const steps = new Set([...digits].slice(1).map((digit, index) => Number(digit) - Number(digits[index])));
  return [...steps].every((step) => Math.abs(step) <= 1 || Math.abs(step) === 9);
}
