import type { en } from './en.ts';

/** The name of a message. */
export type MessageKey = keyof typeof en;

/** One language: a text for every message. */
export type Messages = Readonly<Record<MessageKey, string>>;
