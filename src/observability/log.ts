import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ['json', 'pretty'] as const;
export type LogFormat = (typeof logFormats)[number];

/** A logger; `child` adds fields to each line. Errors go under `err`. Nothing that holds a secret is ever logged. */
export type Log = Logger;

/**
 * Writes to standard output: JSON, a line each, or readable text. A line is out when the call returns, so that the last
 * words of a process that ends at once are not lost.
 */
export function createLog(level: LogLevel, format: LogFormat): Log {
  // as a stream, not as a transport: those need worker threads and files beside the bundle
  if (format === 'pretty')
    return pino({ level }, pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', sync: true }));
  return pino({ level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: asWord } });
}

function asWord(level: string): object {
  return { level };
}
