import { SANDBOX_OPERATION } from '../instruments.ts'
import { SANDBOX } from '../plan/naming.ts'

interface Asked {
  path: string
  method: string
  options?: { _query?: { name?: string } }
}

/** The part of the engine's client through which all that it asks goes. */
interface Dialler {
  modem?: { dial(asked: Asked, answered: (error: unknown, answer?: unknown) => void): void }
}

/** Takes note of one question; what it answers is called with whether that failed. */
export type Note = (operation: string) => (failed: boolean) => void

const CREATE = 'create_container'
const CONTAINER = '/containers/[^/?]+'
/** Upstream's name of each kind of question, by its method and path. */
const operations: ReadonlyArray<readonly [pattern: RegExp, operation: string]> = [
  [/^POST \/containers\/create/, CREATE],
  [new RegExp(`^POST ${CONTAINER}/start`), 'start_container'],
  [new RegExp(`^POST ${CONTAINER}/(stop|kill)`), 'stop_container'],
  [new RegExp(`^POST ${CONTAINER}/update`), 'update_container'],
  [new RegExp(`^POST ${CONTAINER}/attach`), 'attach'],
  [new RegExp(`^POST ${CONTAINER}/exec`), 'exec'],
  [/^GET \/containers\/json/, 'list_containers'],
  [new RegExp(`^GET ${CONTAINER}/json`), 'container_status'],
  [new RegExp(`^DELETE ${CONTAINER}`), 'remove_container'],
  [/^GET \/images\/json/, 'list_images'],
  [/^GET \/images\/.+\/json/, 'image_status'],
  [/^DELETE \/images\//, 'remove_image'],
  [/^GET \/version/, 'version'],
  [/^GET \/_ping/, 'status'],
]

/**
 * Has each question to the engine noted when it is asked and when it is answered; of what goes on after its answer has begun, as a pull, a log or the
 * events, nothing is. A client that has no such door is left as it is.
 */
export function meterEngine(docker: object, note: Note): void {
  const { modem } = docker as Dialler
  if (!modem) return
  const dial = modem.dial.bind(modem)
  modem.dial = (asked, answered) => {
    const operation = operationOf(asked)
    if (operation === undefined) return dial(asked, answered)
    const done = note(operation)
    dial(asked, (error, answer) => {
      done(error !== null && error !== undefined)
      answered(error, answer)
    })
  }
}

function operationOf({ method, path, options }: Asked): string | undefined {
  const operation = operations.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1]
  const isSandbox = operation === CREATE && options?._query?.name?.startsWith(`k8s_${SANDBOX}_`)
  return isSandbox ? SANDBOX_OPERATION : operation
}
