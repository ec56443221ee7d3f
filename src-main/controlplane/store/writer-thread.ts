/** The thread that owns the database file: fsync waits here, never on the thread that answers requests. */
import { receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads'
import { batchWriter, compactDatabase, historyFacts, openDatabase } from './database.ts'
import { copyState } from './state-copy.ts'
import {
  ANSWERED,
  ANSWER_AT_PORT,
  ASKED,
  BATCH_BYTES,
  TIME_BYTES,
  unpack,
  type Link,
  type WriterAnswer,
  type WriterRequest,
} from './writer-protocol.ts'

const { file, port, link } = workerData as { file: string; port: MessagePort; link: Link }
const { words, area } = link
const head = new DataView(area.buffer)
const database = openDatabase(file)
let commit: ReturnType<typeof batchWriter> | undefined

function perform(request: WriterRequest): unknown {
  switch (request.type) {
    case 'commit':
      commit ??= batchWriter(database)
      return commit(unpack(request.batch), request.time)
    case 'compact':
      return compactDatabase(database, request.revision)
    case 'history':
      return historyFacts(database, request.before)
    case 'snapshot':
      return void copyState(file, request.path)
    case 'close':
      return database.close()
  }
}

function nextRequest(): WriterRequest {
  const length = words[BATCH_BYTES]!
  if (length === 0) return (receiveMessageOnPort(port) as { message: WriterRequest }).message
  return { type: 'commit', batch: area.subarray(TIME_BYTES, TIME_BYTES + length), time: head.getFloat64(0) }
}

/** Answers one request; whether more may come. */
function serve(): boolean {
  const request = nextRequest()
  const answer: WriterAnswer = {}
  try {
    answer.result = perform(request)
  } catch (error) {
    answer.error = error instanceof Error ? error.message : String(error)
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
  Atomics.wait(words, ASKED, served)
  served++
} while (serve())
port.close()
