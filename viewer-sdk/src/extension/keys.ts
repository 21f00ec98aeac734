/** The viewer's own keys: no extension may take them. As in `KeyboardEvent.key`, letters in lower case. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set([
  'arrowup',
  'arrowdown',
  'arrowleft',
  'arrowright',
  'pageup',
  'pagedown',
  'home',
  'end',
  ' ',
  'escape',
  'enter',
  'tab',
  ...'123456789',
  ...'lwszpfaiorhvxgu',
]);

/** How a key is compared. */
export const keyName = (key: string): string => key.toLowerCase();
