import { existsSync, readFileSync, rmSync } from 'node:fs'
import { providerOf } from './attach.ts'
import type { DataDirectory } from './data-directory.ts'
import { refuseEtcd } from './refuse-etcd.ts'
import { endHost } from './end-host.ts'
import { adminAccess, kubeconfigFor, removeFromUserKubeconfig } from './kubeconfig.ts'
import type { Provider } from './provider.ts'
import type { Step } from './steps/recipe.ts'
import { UserError } from './user-error.ts'

/** What is taken apart. */
export interface TeardownOptions {
  name: string
  directory: DataDirectory
  /** Ends the process that hosts the cluster; by default another one's. */
  halt?: () => Promise<void>
  /** The nodes' provider; by default the desktop's Docker. A cluster without nodes is not asked for one. */
  provider?: () => Promise<Provider>
  /** Called when nothing has been removed yet, and from then on something will be. */
  begin?: () => void
  note?: (line: string) => void
}

/**
 * What a reset takes, the key that opens the store last. Name and port, the authority, which kubeconfigs and older snapshots know, and what
 * a person put there, such as an audit policy, stay.
 */
const state = ['store', 'kubeconfig', 'sealing.key']

/** Removes a cluster and everything of it. Nothing is touched before Docker has answered. */
export function deletionSteps(options: TeardownOptions): Step[] {
  const { name, directory, note = () => {} } = options
  return [
    ...removalSteps(options),
    {
      title: 'Remove data folder',
      run: async () => {
        forgetContext(name, directory, note)
        directory.delete()
      },
    },
  ]
}

/**
 * Makes a cluster as it was when it was new: its objects, nodes and volumes go; name, port and authority stay, and the next start
 * makes as many nodes as there were.
 */
export function resetSteps(options: TeardownOptions): Step[] {
  const { name, directory } = options
  let nodes = 0
  const settings = directory.settings(name)
  return [
    ...(settings.etcd ? [{ title: 'Find state', run: async () => refuseEtcd(name, settings, 'reset') }] : []),
    ...removalSteps(options, (count) => (nodes = count)),
    {
      title: 'Remove state',
      run: async () => {
        const { token: _joined, ...settings } = directory.settings(name)
        directory.saveSettings({ ...settings, ...(nodes > 0 ? { nodes } : {}) })
        for (const entry of state) rmSync(directory.file(entry), { recursive: true, force: true })
      },
    },
  ]
}

function removalSteps(options: TeardownOptions, counted: (nodes: number) => void = () => {}): Step[] {
  const { name, directory, begin = () => {}, note = () => {} } = options
  const halt = options.halt ?? (() => endHost(directory))
  const alone = directory.settings(name).alone === true
  let provider: Provider | undefined
  const engine: Step = {
    title: 'Ask Docker',
    run: async () => {
      provider = await (options.provider ?? (async () => (await providerOf(name)).provider))()
    },
  }
  return [
    // Made without nodes, a cluster has nothing in Docker, which need not even be there.
    ...(alone ? [] : [engine]),
    {
      title: 'Stop',
      run: async () => {
        begin()
        await halt()
      },
    },
    ...(alone ? [] : [{ title: 'Remove nodes', run: () => removeNodes(provider!, counted, note) }]),
  ]
}

async function removeNodes(
  provider: Provider,
  counted: (nodes: number) => void,
  note: (line: string) => void,
): Promise<void> {
  const nodes = await provider.list()
  counted(nodes.length)
  await Promise.all(
    nodes.map(async (node) => {
      await provider.delete(node.name)
      note(`${node.name} is removed`)
    }),
  )
  await provider.deleteShared()
}

/** Takes out of the user's kubeconfig what `kubeconfig --merge` put there. One that cannot be read is told of and left as it is. */
function forgetContext(cluster: string, directory: DataDirectory, note: (line: string) => void): void {
  const own = directory.file('kubeconfig')
  if (!existsSync(own)) return
  try {
    removeFromUserKubeconfig(kubeconfigFor(cluster, adminAccess(readFileSync(own, 'utf8'))))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    note(error.message)
  }
}
