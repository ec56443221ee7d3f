import type { Readable, Writable } from 'node:stream'
import type { StatusObject } from '../../src-kube/machinery/errors.ts'

/** Which streams the client of `exec` or `attach` asked for. */
export interface CommandStreams {
  stdin: boolean
  stdout: boolean
  stderr: boolean
  tty: boolean
}

/** The client's end of a remote command, whichever protocol it speaks. */
export interface CommandChannels {
  /** What the client types; ends at its half-close. */
  stdin: Readable | undefined
  stdout: Writable | undefined
  stderr: Writable | undefined
  onResize(listener: (columns: number, rows: number) => void): void
  /** Ends the outputs, sends the status as the client's protocol words it, and closes the connection. */
  finish(status: StatusObject): Promise<void>
  /** Aborts when the client is gone. */
  closed: AbortSignal
}

/** Ports of the remote command protocol (kubernetes.io reference: `v4.channel.k8s.io`). */
export const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/** A `TerminalSize` as the resize channel carries it: `{"Width":80,"Height":24}`. */
export function parseResize(text: string): { columns: number; rows: number } | undefined {
  try {
    const size = JSON.parse(text) as { Width?: unknown; Height?: unknown }
    if (typeof size.Width !== 'number' || typeof size.Height !== 'number') return undefined
    return size.Width > 0 && size.Height > 0 ? { columns: size.Width, rows: size.Height } : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Text of the error channel: JSON `Status` since v4, plain words (none for success) before. */
export function statusText(status: StatusObject, protocolVersion: number): string {
  if (protocolVersion >= 4) return JSON.stringify(status)
  return status.status === 'Success' ? '' : (status.message ?? '')
}
