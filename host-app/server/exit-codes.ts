/** What a command ended with, for scripts: `findings` means it ran well and found something wrong. */
export const EXIT = { ok: 0, failed: 1, usage: 2, findings: 3 } as const;
