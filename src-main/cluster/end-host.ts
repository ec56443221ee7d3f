import { systemClock, type Clock } from '../../src-kube/machinery/clock.ts'
import type { DataDirectory } from './data-directory.ts'
import { UserError } from './user-error.ts'

/** Milliseconds the host gets to close its store. */
const STOP_TIMEOUT = 20_000
/** Another process's end is no event for us: the record and the process are looked at so often, in milliseconds. */
const LOOK = 50

/** Asks the process that hosts a cluster to end and waits until it has; nothing to do when there is none. */
export async function endHost(directory: DataDirectory, clock: Clock = systemClock): Promise<void> {
  const host = directory.host()
  if (!host) return
  process.kill(host.pid, 'SIGTERM')
  const deadline = clock.monotonic() + STOP_TIMEOUT
  while (directory.host()) {
    if (clock.monotonic() > deadline)
      throw new UserError(`The process ${host.pid} that hosts the cluster does not end.`, `End it: kill ${host.pid}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK))
  }
}
