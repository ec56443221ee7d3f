import { systemClock, type Clock } from '../../src-kube/machinery/clock.ts'
import { attach, attachedOperations, providerOf } from './attach.ts'
import { DataDirectory } from './data-directory.ts'
import { endHost } from './end-host.ts'
import { up, type RunningCluster } from './up.ts'
import type { UpOptions } from './up-options.ts'
import { UserError } from './user-error.ts'

/** A cluster to work with, whichever process hosts it. */
export interface OpenCluster extends RunningCluster {
  /** Whether another process hosts it. It then runs on when this process ends; `stop` ends the other one, and `failed` rejects when that has ended. */
  attached: boolean
}

/** A cluster that is attached to when some process hosts it, else hosted by this one. */
export interface OpenOptions extends UpOptions {
  clock?: Clock
}

/** Attaches to a cluster that runs already (`drydock up --detach`), else hosts it here, made first when there is none of that name. */
export async function openCluster(options: OpenOptions): Promise<OpenCluster> {
  if (new DataDirectory(options.name, options.data).host()) return attachCluster(options)
  return { ...(await up(options)), attached: false }
}

/** Attaches to a cluster that another process hosts; a `UserError` when none does. */
export async function attachCluster({
  name,
  data,
  clock = systemClock,
  log = () => {},
}: OpenOptions): Promise<OpenCluster> {
  const attached = attach(name, data)
  const { directory, host, access, api } = attached
  const engine = host.alone ? undefined : await engineOf(name, log)
  const nodes = engine && (await attachedOperations(name, attached, log))
  return {
    attached: true,
    name,
    directory,
    server: host.server,
    kubeconfig: directory.file('kubeconfig'),
    access,
    api,
    nodes,
    provider: engine?.provider,
    docker: engine?.docker,
    failed: hostGone(directory, host.pid, clock),
    async stop() {
      api.close()
      await endHost(directory, clock)
    },
  }
}

/** Docker, or undefined when it does not answer: the cluster's API is of use without it. */
async function engineOf(name: string, log: (line: string) => void) {
  try {
    return await providerOf(name)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    log(`nodes cannot be managed: ${error.message}`)
    return undefined
  }
}

/** Milliseconds between two looks at whether the host still runs. */
const LOOK = 2000

/** Rejects when the host of a cluster has ended or another has taken its place. */
function hostGone(directory: DataDirectory, pid: number, clock: Clock): Promise<never> {
  const gone = new Promise<never>((_, reject) => {
    const look = (): void => {
      if (directory.host()?.pid === pid) clock.after(LOOK, look)
      else reject(new UserError(`The process ${pid} that hosted the cluster has ended.`, 'Start the cluster again.'))
    }
    clock.after(LOOK, look)
  })
  // Whoever does not care is not told.
  gone.catch(() => undefined)
  return gone
}
