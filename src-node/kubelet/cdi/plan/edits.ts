import type { Device } from '../../runtime/devices.ts'
import type { Mount } from '../../runtime/mounts.ts'
import type { Spec, SpecEdits } from './spec.ts'

/** What is changed of a container before it is made, so that it can use its devices. */
export interface DeviceEdits {
  /** Variables, also in place of the container's own. */
  env: Readonly<Record<string, string>>
  mounts: readonly Mount[]
  devices: readonly Device[]
  /** Groups that its processes are of. */
  groups: readonly number[]
}

/** A specification, and how much its directory counts: the more the later. */
export interface PlacedSpec {
  spec: Spec
  priority: number
}

/**
 * What the devices of these names (`vendor.com/class=device`) ask of a container: first what all devices of a specification share, then what is each
 * one's own. Throws an Error for names that no specification has, that two of one directory have, and for what the node's engine cannot do. Pure.
 */
export function deviceEdits(names: readonly string[], specs: readonly PlacedSpec[]): DeviceEdits {
  const found = [...new Set(names)].map((name) => ({ name, ...findDevice(name, specs) }))
  const unresolved = found.filter(({ spec }) => !spec).map(({ name }) => name)
  if (unresolved.length > 0)
    throw new Error(`CDI device injection failed: unresolvable CDI devices ${unresolved.join(', ')}`)
  const shared = new Set<Spec>()
  const edits: SpecEdits[] = []
  for (const { name, spec, own } of found) {
    const first = !shared.has(spec!)
    shared.add(spec!)
    for (const edit of [first ? spec!.containerEdits : undefined, own]) {
      if (!edit) continue
      checkDoable(name, edit)
      edits.push(edit)
    }
  }
  return joined(edits)
}

function findDevice(name: string, specs: readonly PlacedSpec[]): { spec?: Spec; own?: SpecEdits } {
  const [kind = '', device = ''] = name.split('=', 2)
  const having = specs.filter(({ spec }) => spec.kind === kind && spec.devices.some((one) => one.name === device))
  const most = Math.max(...having.map(({ priority }) => priority))
  const [only, another] = having.filter(({ priority }) => priority === most)
  if (!only || another) return {}
  return { spec: only.spec, own: only.spec.devices.find((one) => one.name === device)!.containerEdits }
}

const binds: readonly unknown[] = ['bind', 'rbind', 'none', '', undefined]

/** The engine has no place for these: without them the device would not be what its vendor means. */
function checkDoable(name: string, { hooks, mounts, netDevices, intelRdt }: SpecEdits): void {
  const refuse = (what: string): never => {
    throw new Error(`CDI device injection failed: ${name}: ${what}, which this node's engine cannot do`)
  }
  if (hooks?.length) refuse(`asks for the hook ${hooks[0]!.hookName} (${hooks[0]!.path})`)
  if (netDevices?.length) refuse(`asks for the network device ${netDevices[0]!.hostInterfaceName}`)
  if (intelRdt) refuse('asks for Intel RDT')
  const other = mounts?.find(({ type }) => !binds.includes(type))
  if (other) refuse(`asks for a mount of type ${other.type} at ${other.containerPath}`)
}

function joined(edits: readonly SpecEdits[]): DeviceEdits {
  const variables = edits
    .flatMap(({ env }) => env ?? [])
    .map((pair): [string, string] => {
      const at = pair.indexOf('=')
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
    })
  const nodes = edits.flatMap(({ deviceNodes }) => deviceNodes ?? [])
  const mounts = edits.flatMap((edit) => edit.mounts ?? [])
  const groups = edits.flatMap(({ additionalGids }) => additionalGids ?? [])
  return {
    env: Object.fromEntries(variables),
    // Of two for one place the later counts.
    devices: [...new Map(nodes.map((node) => [node.path, node])).values()].map(({ path, hostPath, permissions }) => ({
      PathOnHost: hostPath || path,
      PathInContainer: path,
      CgroupPermissions: permissions || 'rwm',
    })),
    mounts: [...new Map(mounts.map((mount) => [mount.containerPath, mount])).values()].map(mountOf),
    groups: [...new Set(groups.filter((group) => group > 0))],
  }
}

function mountOf({ hostPath, containerPath, options = [] }: NonNullable<SpecEdits['mounts']>[number]): Mount {
  const propagation = (['rshared', 'rslave'] as const).find((word) => options.includes(word))
  return {
    source: hostPath,
    target: containerPath,
    readOnly: options.includes('ro'),
    ...(propagation ? { propagation } : {}),
  }
}
