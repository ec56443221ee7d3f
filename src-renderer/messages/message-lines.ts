import type { Message } from '../stores/messages.ts'

/** One line for each message, the latest first, with its time as logs write it (RFC 3339): to be sent to whoever can help. */
export const messageLines = (messages: readonly Message[]): string =>
  messages
    .map(({ at, kind, place, text, times }) =>
      [new Date(at).toISOString(), kind, place, text + (times > 1 ? ` (×${times})` : '')].filter(Boolean).join('  '),
    )
    .join('\n')
