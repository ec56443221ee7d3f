/** The thread that owns the store's files: fsync waits here, never on the thread that answers requests. */
import { receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads'
import {
  ANSWERED,
  ANSWER_AT_PORT,
  ASKED,
  RECORD_BYTES,
  type Link,
  type WriterAnswer,
  type WriterRequest,
} from './writer-protocol.ts'
import { isFull } from './database.ts'
import { untilMoved } from './shared-count.ts'
import { Writer } from './writer.ts'

const { file, port, link } = workerData as { file: string; port: MessagePort; link: Link }
const { words, area, time, settled } = link
const writer = new Writer(file, (revision) => Atomics.store(settled, 0, BigInt(revision)))

function perform(request: WriterRequest): unknown {
  switch (request.type) {
    case 'commit':
      return writer.commit(request.record, request.time)
    case 'compact':
      return writer.compact(request.revision)
    case 'history':
      return writer.history(request.before)
    case 'snapshot':
      return writer.snapshot(request.path)
    case 'close':
      return writer.close()
  }
}

function nextRequest(): WriterRequest {
  const length = words[RECORD_BYTES]!
  if (length === 0) return (receiveMessageOnPort(port) as { message: WriterRequest }).message
  return { type: 'commit', record: area.subarray(0, length), time: time[0]! }
}

/** Answers one request; whether more may come. */
function serve(): boolean {
  const request = nextRequest()
  const answer: WriterAnswer = {}
  try {
    answer.result = perform(request)
  } catch (error) {
    answer.error = error instanceof Error ? error.message : String(error)
    answer.isFull = isFull(error)
  }
  const atPort = answer.result !== undefined || answer.error !== undefined
  if (atPort) port.postMessage(answer)
  words[ANSWER_AT_PORT] = atPort ? 1 : 0
  Atomics.add(words, ANSWERED, 1)
  Atomics.notify(words, ANSWERED)
  return request.type !== 'close'
}

let served = 0
do {
  // Until there is a request the database catches up with the log.
  untilMoved(words, ASKED, served, () => writer.tidy())
  served++
} while (serve())
port.close()
