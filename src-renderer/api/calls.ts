import type { ClientMessage, ReplyMessage, ServerMessage } from '../../src-wire/gateway/messages.ts'
import type { Connection, Reply } from './connection.ts'

type Answer = Extract<ServerMessage, { type: 'reply' | 'progress' | 'result' | 'failed' }>

interface Pending {
  chunks: Uint8Array[]
  reply?(message: ReplyMessage, text: string): void
  result?(value: unknown): void
  progress?(text: string): void
  fail(error: Error): void
}

/** Questions under way: calls to a cluster's API and actions of Drydock. */
export interface Calls extends Pick<Connection, 'call' | 'action'> {
  receive(answer: Answer): void
  /** A part of a reply's body; parts come before the reply. */
  receiveBody(id: number, part: Uint8Array): void
  /** Fails all that is under way. */
  lose(): void
}

/** Calls and actions in flight, by their number. They reject when the server says so or `lose` is called; `words` says in the app's language why. */
export function createCalls(
  nextId: () => number,
  send: (message: ClientMessage) => void,
  words: (text: string) => string,
): Calls {
  const pending = new Map<number, Pending>()
  const ask = <T>(
    message: ClientMessage,
    settle: (resolve: (value: T) => void, reject: (error: Error) => void) => Omit<Pending, 'chunks' | 'fail'>,
  ): Promise<T> =>
    new Promise((resolve, reject) => {
      pending.set(message.id, { chunks: [], fail: reject, ...settle(resolve, reject) })
      send(message)
    })
  return {
    call: (request) =>
      ask<Reply>({ type: 'call', id: nextId(), ...request }, (resolve, reject) => ({
        reply: ({ status, contentType, warnings, message }, text) =>
          status === 0 ? reject(new Error(words(message ?? ''))) : resolve({ status, contentType, warnings, text }),
      })),
    action: (cluster, action, input, progress) =>
      ask({ type: 'action', id: nextId(), cluster, action, input }, (resolve) => ({
        result: (value) => resolve(value as never),
        ...(progress ? { progress } : {}),
      })),
    receive(answer) {
      const waiting = pending.get(answer.id)
      if (!waiting) return
      if (answer.type === 'progress') return waiting.progress?.(words(answer.text))
      pending.delete(answer.id)
      if (answer.type === 'reply') waiting.reply?.(answer, decodeChunks(waiting.chunks))
      else if (answer.type === 'result') waiting.result?.(answer.value)
      else waiting.fail(new Error(words(answer.message), { cause: answer.message }))
    },
    receiveBody: (id, part) => void pending.get(id)?.chunks.push(part),
    lose() {
      const lost = [...pending.values()]
      pending.clear()
      for (const { fail } of lost) fail(new Error(words('The connection to Drydock was lost before the answer came.')))
    },
  }
}

function decodeChunks(chunks: Uint8Array[]): string {
  const decoder = new TextDecoder()
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode()
}
