import { pino } from 'pino';
import type { Logger } from './plugins/contract.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON lines on standard error, so that commands keep standard output for their results. No patient data goes in. */
export function createLogger(options: { level: LogLevel; name: string; pretty?: boolean }): Logger {
  const base = { level: options.level, base: { node: options.name }, timestamp: pino.stdTimeFunctions.isoTime };
  if (options.pretty) {
    return pino({
      ...base,
      transport: {
        target: 'pino-pretty',
        options: { destination: 2, ignore: 'pid,hostname,node', translateTime: 'SYS:HH:MM:ss' },
      },
    });
  }
  return pino(base, pino.destination({ dest: 2, sync: false }));
}
