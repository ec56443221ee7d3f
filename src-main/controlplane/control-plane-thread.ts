/** Entry of the control plane's thread: starts it, says so, stops it when asked. */
import { parentPort, workerData } from 'node:worker_threads'
import { startControlPlane, type Log } from './control-plane.ts'
import type { ControlPlaneOptions, OwnerMessage, ThreadMessage } from './protocol.ts'
import { EtcdError } from './store/etcd/errors.ts'
import { StoreLockedError } from './store/index.ts'
import type { EtcdSettings } from './store/etcd/index.ts'
import { StoreBrokenError } from './store/store.ts'

const port = parentPort!
const tell = (message: ThreadMessage): void => port.postMessage(message)
const log: Log = (level, message) => tell({ type: 'log', level, message })
const options = workerData as ControlPlaneOptions

/** Remedies for a store that is refused. */
const NOT_OURS =
  'Another cluster has its state there. Choose a place of your own with --etcd-prefix, or share its keys with --keys-from.'
const DAMAGED =
  'Nothing was changed. Restore a snapshot (`drydock snapshot restore FILE --force`), or start with another --data.'

try {
  const controlPlane = await startControlPlane({ ...options, log })
  port.on('message', (message: OwnerMessage) => {
    if (message.type !== 'stop') return
    controlPlane.stop().then(
      () => {
        tell({ type: 'stopped' })
        port.close()
      },
      (error: unknown) => {
        log('error', `stopping failed: ${String(error)}`)
        process.exit(1)
      },
    )
  })
  tell({ type: 'ready', port: controlPlane.port, admin: controlPlane.admin })
} catch (error) {
  tell(failure(error))
  port.close()
}

/** What went wrong, and what the user can do where we know. */
function failure(error: unknown): ThreadMessage {
  const message = error instanceof Error ? error.message : String(error)
  const known = explained(error, message)
  if (known) return { type: 'failed', ...known }
  // Not foreseen: whoever looks into it needs to know where it was.
  log('error', error instanceof Error ? (error.stack ?? message) : message)
  return { type: 'failed', message: `The control plane did not start: ${message}` }
}

interface Explained {
  message: string
  remedy: string
}

/** Undefined for what is not foreseen. */
function explained(error: unknown, message: string): Explained | undefined {
  if (error instanceof StoreLockedError)
    return {
      message: `The cluster's data is in use: ${message}.`,
      remedy: 'It runs already, or stop that process first.',
    }
  if (options.etcd && error instanceof EtcdError) return etcdSilent(error, options.etcd)
  if (error instanceof StoreBrokenError) return { message, remedy: options.etcd ? NOT_OURS : DAMAGED }
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return {
      message: `Port ${options.port} is taken.`,
      remedy: 'Give another with --port, or none to take the next free one.',
    }
  if (code === 'EACCES' && syscall === 'listen')
    return {
      message: `Port ${options.port} may not be opened by this user.`,
      remedy: 'Give one above 1023 with --port, or none to take the next free one.',
    }
  return undefined
}

function etcdSilent({ message, cause }: EtcdError, { servers }: EtcdSettings): Explained {
  const why = cause instanceof Error ? cause.message : message
  return {
    message: `etcd does not answer at ${servers.join(', ')}: ${why}.`,
    remedy: 'See that it runs, and that --etcd-servers, --etcd-cafile, --etcd-certfile and --etcd-keyfile fit it.',
  }
}
