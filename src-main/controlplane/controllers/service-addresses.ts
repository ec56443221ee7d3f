import type { Service } from '#types/core/v1'
import type { IPAddress } from '#types/networking.k8s.io/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { isAlreadyExists } from '../../../src-kube/machinery/errors.ts'
import { objectKey } from '../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../src-kube/runtime/controller.ts'
import { deleteSeen } from '../../../src-kube/runtime/delete-seen.ts'
import { addressesOf } from './service-cidr.ts'

const MANAGED_BY_LABEL = 'ipaddress.kubernetes.io/managed-by'
const FAMILY_LABEL = 'ipaddress.kubernetes.io/ip-family'
const MANAGER = 'ipallocator.k8s.io'
const BY_SERVICE = 'service'

const isOurs = ({ metadata }: IPAddress): boolean => metadata.labels?.[MANAGED_BY_LABEL] === MANAGER

/** The service that an address of ours is for, as `namespace/name`. */
function serviceOf(address: IPAddress): string[] {
  const ref = address.spec?.parentRef
  return isOurs(address) && ref?.resource === 'services' ? [`${ref.namespace}/${ref.name}`] : []
}

/**
 * Shows every cluster IP that a service holds as an IPAddress ("Extend Service IP Ranges"). Addresses are handed out by the registry;
 * these objects follow, so that a service costs its creator one write.
 */
export function serviceAddressController(): AnyController {
  return defineController<Service>({
    name: 'service-address-controller',
    for: refs.services,
    watches: [watching(refs.ipAddresses, (address, ctx) => [...serviceOf(address), ...heirs(ctx, address)])],
    setup: (ctx) => ctx.informer(refs.ipAddresses).addIndex(BY_SERVICE, serviceOf),
    async reconcile(ctx, service, key) {
      const wanted = addressesOf(service)
      for (const ip of wanted) if (!ctx.informer(refs.ipAddresses).get(ip)) await create(ctx, key, ip)
      await removeOthers(ctx, key, wanted)
      return done
    },
    gone: (ctx, key) => removeOthers(ctx, key, []),
  })
}

/** The service that has come to hold an address whose object, of an earlier holder, is gone. */
function heirs(ctx: ControllerContext, { metadata: { name } }: IPAddress): string[] {
  if (ctx.informer(refs.ipAddresses).get(name)) return []
  const all = ctx.informer(refs.services).list()
  return all.filter((service) => addressesOf(service).includes(name)).map(objectKey)
}

async function create(ctx: ControllerContext, key: string, ip: string): Promise<void> {
  const { group, version, kind } = refs.ipAddresses
  const [namespace = '', name = ''] = key.split('/')
  const labels = { [FAMILY_LABEL]: ip.includes(':') ? 'IPv6' : 'IPv4', [MANAGED_BY_LABEL]: MANAGER }
  const spec = { parentRef: { group: '', resource: 'services', namespace, name } }
  try {
    const metadata = { name: ip, labels }
    await ctx.client.resource(refs.ipAddresses).create({ apiVersion: `${group}/${version}`, kind, metadata, spec })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

async function removeOthers(ctx: ControllerContext, key: string, wanted: readonly string[]): Promise<void> {
  for (const address of ctx.informer(refs.ipAddresses).byIndex(BY_SERVICE, key)) {
    if (wanted.includes(address.metadata.name) || address.metadata.deletionTimestamp) continue
    await deleteSeen(ctx.client, refs.ipAddresses, address)
  }
}
