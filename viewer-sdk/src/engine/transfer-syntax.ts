/** Syntaxes whose samples may differ from what was stored. */
const LOSSY = new Set([
  '1.2.840.10008.1.2.4.50',
  '1.2.840.10008.1.2.4.51',
  '1.2.840.10008.1.2.4.81',
  '1.2.840.10008.1.2.4.91',
  '1.2.840.10008.1.2.4.111',
  '1.2.840.10008.1.2.4.112',
  '1.2.840.10008.1.2.4.203',
]);

export const isLossy = (transferSyntaxUID: string): boolean => LOSSY.has(transferSyntaxUID);
