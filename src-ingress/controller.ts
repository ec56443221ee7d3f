import type { ObjectReference } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { NamedIndex } from '../src-kube/client/indexer.ts'
import { informerFactory } from '../src-kube/client/informer-factory.ts'
import { refs } from '../src-kube/client/refs.ts'
import type { Transport } from '../src-kube/client/transport.ts'
import { createClient } from '../src-kube/client/typed-client.ts'
import { isRouted } from '../src-kube/kinds/networking/ingress-controller.ts'
import type { Clock } from '../src-kube/machinery/clock.ts'
import { createEventRecorder } from '../src-kube/runtime/events.ts'
import { Addresses, portsOf } from './addresses.ts'
import type { Configuration } from './host/configuration.ts'
import type { NamesServer } from './host/names-server.ts'
import { Paced } from './paced.ts'
import { namedSecrets } from './plan/named-secrets.ts'
import type { RenderOptions } from './plan/render.ts'
import { Sync } from './sync.ts'
import { Told } from './told.ts'
import { WatchedSecrets } from './watched-secrets.ts'

/** What the ingress controller reads and writes, and the nginx it sets up. */
export interface ControllerOptions {
  transport: Transport
  clock: Clock
  signal: AbortSignal
  configuration: Pick<Configuration, 'apply' | 'test'>
  names: Pick<NamesServer, 'set'>
  /** `namespace/name` of the service before the controller, whose addresses are those of Ingresses. */
  service: string
  /** The controller's own, about which is told what concerns no Ingress. */
  pod: ObjectReference
  nginx: Omit<RenderOptions, 'desktop'>
  log(message: string): void
}

/** Milliseconds: what changes together is one reload, and reloads are never closer. */
const pace = { gather: 50, apart: 1_000, retry: 5_000 }

/** Resolves once everything is known and the first configuration is on its way. */
export async function startController(options: ControllerOptions): Promise<void> {
  const { transport, clock, signal, service, pod, nginx, log } = options
  const client = createClient(transport)
  const onError = (error: unknown): void => log(String(error))
  const informers = informerFactory({ client, clock, signal, onError })
  const ingresses = informers.informer(refs.ingresses)
  const classes = informers.informer(refs.ingressClasses)
  const services = informers.informer(refs.services)
  const slices = informers.informer(refs.endpointSlices)
  slices.addIndex(byService.name, byService.of)
  const events = createEventRecorder({ client, clock, signal, component: 'nginx-ingress-controller' })
  const told = new Told(events)
  const addresses = new Addresses(client)
  const sync = new Sync(options.configuration, options.names)
  const secrets = new WatchedSecrets({ client, clock, signal, onChange: () => paced.ask(), onError })

  const paced = new Paced({
    ...pace,
    clock,
    signal,
    onError,
    async run() {
      const all = ingresses.list()
      const ours = all.filter((one) => isRouted(one, classes.list()) && !one.metadata.deletionTimestamp)
      await secrets.follow(namedSecrets(ours))
      const known = {
        ingresses: ours,
        service: (key: string) => services.get(key),
        slices: (key: string) => slices.byIndex(byService.name, key),
        secret: (key: string) => secrets.get(key),
      }
      const own = services.get(service)
      const { routed, problems, changed, refusal } = await sync.run(known, { ...nginx, desktop: portsOf(own) })
      if (changed) log(`nginx routes ${routed.length} Ingresses`)
      if (refusal !== undefined) {
        log(`nginx refuses the configuration and keeps the one it has: ${refusal}`)
        events.event(pod, 'Warning', 'ConfigurationRefused', `nginx keeps its older configuration: ${refusal}`)
      }
      told.tell(routed, problems)
      const others = all.filter((one) => !ours.includes(one))
      if (refusal === undefined) await addresses.tell(routed, others, own)
    },
  })
  await informers.synced()
  const ask = () => paced.ask()
  for (const informer of [ingresses, classes, services, slices]) informer.on({ add: ask, update: ask, delete: ask })
  ask()
}

/** Slices by the key of their service. */
const byService: NamedIndex<EndpointSlice> = {
  name: 'service',
  of: ({ metadata: { namespace, labels } }) => {
    const name = labels?.['kubernetes.io/service-name']
    return name ? [`${namespace}/${name}`] : []
  },
}
