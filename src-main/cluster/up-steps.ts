/** The steps of a start, each idempotent and with its own way back. */
import type Docker from 'dockerode'
import { randomBytes } from 'node:crypto'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import { adminTransport } from './api.ts'
import { hostControlPlane, type HostedControlPlane } from './control-plane-host.ts'
import type { ClusterSettings, DataDirectory } from './data-directory.ts'
import { DockerProvider } from './docker/docker-provider.ts'
import { connectEngine } from './docker/engine.ts'
import { ensureNodeImage, nodeImageTag } from './docker/node-image.ts'
import { checkRoom } from './docker/room.ts'
import { networkModes } from './network-modes.ts'
import { CLUSTER_CIDR, CLUSTER_DNS, CLUSTER_DOMAIN, SERVICE_CIDR } from './networks.ts'
import { NodeOperations, type SharedNodeConfig } from './node-operations.ts'
import { beginsAnew, type NodeMachine, type NodeNetwork, type Provider } from './provider.ts'
import { readyOrDead } from './ready.ts'
import { resources } from './resources.ts'
import { takeKeys } from './shared-keys.ts'
import type { Step } from './steps/recipe.ts'
import type { UpOptions } from './up-options.ts'

/** Nodes of a new cluster, when nobody says how many. */
export const NODES = 3
/** Milliseconds the nodes get to become Ready. */
const READY_TIMEOUT = 180_000

/** One start of a cluster: what was asked for, where it is kept, and how far it has come. */
export interface Start {
  readonly options: UpOptions
  readonly directory: DataDirectory
  /** Changed by the steps, and saved once there is a control plane. */
  readonly settings: ClusterSettings
  /** A control plane without nodes, which needs no Docker. */
  readonly alone: boolean
  readonly state: Progress
}

/** What the steps have come to; each adds what later ones need. */
interface Progress {
  /** This call made the cluster: undoing it takes everything away. */
  claimed: boolean
  /** Epoch milliseconds: what nodes said earlier is of another start. */
  since: number
  docker?: Docker
  /** Nodes that have machines, and those to be made. */
  present: string[]
  missing: string[]
  /** Those that were there, as they were then. */
  machines: NodeMachine[]
  provider?: DockerProvider
  network?: NodeNetwork
  host?: HostedControlPlane
  api?: HttpTransport
  operations?: NodeOperations
}

/** Makes the cluster's folder, unless it is there. */
export function folderStep({ options, directory, settings, state }: Start): Step {
  const { keysFrom } = options.etcd ?? {}
  return {
    title: 'Data folder',
    run: async () => {
      state.claimed = directory.claim(settings)
      if (state.claimed && keysFrom !== undefined) takeKeys(keysFrom, directory)
    },
    undo: async () => {
      if (state.claimed) directory.delete()
    },
  }
}

/** Sees to all that machines need: an engine with room for them, an image, a network. */
export function engineSteps({ options, settings, state }: Start): Step[] {
  const image = nodeImageTag(resources.node)
  return [
    {
      title: 'Docker engine',
      run: async () => {
        const docker = await connectEngine(options.docker ? { docker: options.docker } : {})
        state.docker = docker
        state.provider = new DockerProvider({ docker, cluster: options.name, image, bundle: resources.agent })
        state.machines = await state.provider.list()
        state.present = state.machines.map((node) => node.name)
        const wanted = options.nodes ?? (state.present.length > 0 ? state.present.length : (settings.nodes ?? NODES))
        state.missing = nodeNames(state.present, wanted)
        options.detail?.(
          `nodes that are there: ${state.present.join(', ') || 'none'}; to be made: ${state.missing.length}`,
        )
        if (state.missing.length === 0) return
        await checkRoom(docker, state.missing.length, options.freeSpace)
      },
    },
    {
      title: 'Node image',
      run: async (signal) => {
        const { log = () => {}, detail } = options
        await ensureNodeImage({ docker: state.docker!, resources: resources.node, log, detail, signal })
        detail?.(image)
      },
    },
    {
      title: 'Node network',
      run: async () => {
        state.network = await state.provider!.ensureNetwork()
        options.detail?.(state.network.subnet)
      },
      undo: async () => {
        if (state.claimed) await state.provider?.deleteShared()
      },
    },
  ]
}

/** Starts the control plane, and keeps the port and token that it got. */
export function controlPlaneStep({ options, directory, settings, alone, state }: Start): Step {
  return {
    title: 'Control plane',
    run: async () => {
      settings.token ??= `${randomBytes(3).toString('hex')}.${randomBytes(8).toString('hex')}`
      state.host = await hostControlPlane({
        cluster: options.name,
        directory: directory.path,
        port: options.port ?? settings.port,
        fixedPort: options.port !== undefined,
        addresses: state.network ? [state.network.gateway] : [],
        token: settings.token,
        clusterCidr: CLUSTER_CIDR,
        serviceCidr: SERVICE_CIDR,
        history: settings.history,
        etcd: settings.etcd,
        log: options.log ?? (() => {}),
      })
      settings.port = state.host.port
      options.detail?.(`https://127.0.0.1:${state.host.port}`)
      if (state.claimed && alone) settings.alone = true
      else if (!alone) delete settings.alone
      directory.saveSettings(settings)
      state.api = adminTransport({ server: `https://127.0.0.1:${state.host.port}`, ...state.host.admin })
    },
    undo: async () => {
      state.api?.close()
      await state.host?.stop()
    },
  }
}

/** Makes missing machines, wakes the others, and waits until all nodes are Ready. */
export function nodeSteps({ options, settings, state }: Start): Step[] {
  return [
    {
      title: 'Nodes',
      run: async () => {
        const provider = state.provider!
        const shared = sharedConfig(options.name, state, settings)
        const operations = new NodeOperations({
          provider,
          api: state.api!,
          shared,
          log: options.log ?? (() => {}),
          checkRoom: () => checkRoom(state.docker!, 1, options.freeSpace),
        })
        state.operations = operations
        const told = (name: string, work: Promise<void>, what: string): Promise<void> =>
          work.then(() => options.detail?.(`${name} ${what}`))
        await allOf([
          ...state.present.map((name) => told(name, operations.wake(name), 'is awake')),
          ...state.missing.map((name) => told(name, operations.createMachine(name), 'is made')),
        ])
      },
      undo: async () => {
        // Of a cluster that goes altogether the store goes too: only machines are left to remove.
        const remove = (name: string): Promise<void> =>
          state.claimed ? state.provider!.delete(name) : state.operations!.discard(name)
        await allOf([
          ...state.missing.map(remove),
          ...state.machines.map((machine) => putBack(state.provider!, machine)),
        ])
      },
    },
    {
      title: 'Nodes Ready',
      run: (signal) =>
        readyOrDead(state.api!, state.provider!, [...state.present, ...state.missing], {
          timeout: READY_TIMEOUT,
          since: state.since,
          // Not where they were frozen.
          anew: new Set([...state.machines.filter(beginsAnew).map(({ name }) => name), ...state.missing]),
          signal,
          seen: (name) => options.log?.(`${name} is Ready`),
        }),
    },
  ]
}

/** A machine that was woken for a control plane that does not come would use memory and processor for nothing. */
async function putBack(provider: Provider, { name, state }: NodeMachine): Promise<void> {
  if (state === 'paused') await provider.pause(name)
  else if (state !== 'running') await provider.stop(name)
}

/** Waits for all, also when one fails: nothing may still be under way when what was made is undone. Throws the first failure. */
async function allOf(work: ReadonlyArray<Promise<void>>): Promise<void> {
  const results = await Promise.allSettled(work)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

/** `n1`, `n2`, … for as many nodes as are missing. */
function nodeNames(present: readonly string[], wanted: number): string[] {
  const names: string[] = []
  for (let i = 1; present.length + names.length < wanted; i++) {
    if (!present.includes(`n${i}`)) names.push(`n${i}`)
  }
  return names
}

function sharedConfig(name: string, state: Progress, settings: ClusterSettings): SharedNodeConfig {
  const { port, admin } = state.host!
  const hosts =
    process.platform === 'linux' ? [state.network!.gateway] : ['host.docker.internal', state.network!.gateway]
  return {
    cluster: name,
    servers: hosts.map((host) => `https://${host}:${port}`),
    ca: admin.ca,
    token: settings.token!,
    clusterDns: CLUSTER_DNS,
    clusterDomain: CLUSTER_DOMAIN,
    clusterCidr: CLUSTER_CIDR,
    serviceCidr: SERVICE_CIDR,
    ...networkModes({}, settings.network),
  }
}
