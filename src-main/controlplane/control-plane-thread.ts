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

function etcdFailure({ message, cause }: EtcdError, { servers }: EtcdSettings): { message: string; remedy: string } {
  const why = cause instanceof Error ? cause.message : message
  return {
    message: `etcd does not answer at ${servers.join(', ')}: ${why}.`,
    remedy: 'See that it runs, and that --etcd-servers, --etcd-cafile, --etcd-certfile and --etcd-keyfile fit it.',
  }
}

/** What went wrong and what the user can do, where we know. */
function failure(error: unknown): ThreadMessage {
  const message = error instanceof Error ? error.message : String(error)
  const { code, syscall } = error as NodeJS.ErrnoException
  if (error instanceof StoreLockedError) {
    return {
      type: 'failed',
      message: `The cluster's data is in use: ${message}.`,
      remedy: 'It runs already, or stop that process first.',
      code,
    }
  }
  if (options.etcd && error instanceof EtcdError) return { type: 'failed', ...etcdFailure(error, options.etcd) }
  if (options.etcd && error instanceof StoreBrokenError)
    return {
      type: 'failed',
      message,
      remedy:
        'Another cluster has its state there. Choose a place of your own with --etcd-prefix, or share its keys with --keys-from.',
    }
  if (error instanceof StoreBrokenError)
    return {
      type: 'failed',
      message,
      remedy:
        'Nothing was changed. Restore a snapshot (`drydock snapshot restore FILE --force`), or start with another --data.',
    }
  if (code === 'EADDRINUSE') {
    return {
      type: 'failed',
      message: `Port ${options.port} is taken.`,
      remedy: 'Give another with --port, or none to take the next free one.',
      code,
    }
  }
  if (code === 'EACCES' && syscall === 'listen') {
    return {
      type: 'failed',
      message: `Port ${options.port} may not be opened by this user.`,
      remedy: 'Give one above 1023 with --port, or none to take the next free one.',
      code,
    }
  }
  // Not foreseen: whoever looks into it needs to know where it was.
  log('error', error instanceof Error ? (error.stack ?? message) : message)
  return { type: 'failed', message: `The control plane did not start: ${message}`, code }
}
