/** The thread that owns the database file: fsync waits here, never on the thread that answers requests. */
import { parentPort, workerData } from 'node:worker_threads'
import { commitBatch, compactDatabase, historyFacts, openDatabase, snapshotDatabase } from './database.ts'
import { unpack, type WriterAnswer, type WriterRequest } from './writer-protocol.ts'

const port = parentPort!
const database = openDatabase((workerData as { file: string }).file)

function perform(request: WriterRequest): unknown {
  switch (request.type) {
    case 'commit':
      return commitBatch(database, unpack(request.batch), request.time)
    case 'compact':
      return compactDatabase(database, request.revision)
    case 'history':
      return historyFacts(database, request.before)
    case 'snapshot':
      return snapshotDatabase(database, request.path)
    case 'close':
      return database.close()
  }
}

port.on('message', (request: WriterRequest) => {
  const answer: WriterAnswer = { id: request.id }
  try {
    answer.result = perform(request)
  } catch (error) {
    answer.error = error instanceof Error ? error.message : String(error)
  }
  port.postMessage(answer)
  if (request.type === 'close') port.close()
})
