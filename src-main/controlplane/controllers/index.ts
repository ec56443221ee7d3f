import { informerFactory, type InformerFactory } from '../../../src-kube/client/informer-factory.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Transport } from '../../../src-kube/client/transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import type { ResourceRef } from '../../../src-kube/kinds/descriptor.ts'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { AnyController, Log } from '../../../src-kube/runtime/controller.ts'
import { runController } from '../../../src-kube/runtime/manager.ts'
import type { WorkQueueMetrics } from '../../../src-kube/runtime/queue-metrics.ts'
import { autoscalerController } from './autoscaler/index.ts'
import type { AskOthers } from './autoscaler/other-metrics.ts'
import { noUsage, type UsageSource } from './autoscaler/usage.ts'
import { bootstrapTokenCleaner } from './bootstrap-token-cleaner.ts'
import { builtInResources } from './built-in.ts'
import type { ControllerMetrics } from './controller-metrics.ts'
import { clusterRoleAggregation } from './cluster-role-aggregation.ts'
import { csrApprover, csrCleaner, csrSigner } from './csr/controllers.ts'
import { podCertificateRequestCleaner } from './csr/pod-certificate-cleaner.ts'
import type { CertificateSigner } from './csr/signer.ts'
import { cronJobController } from './cron-job/index.ts'
import { customResourceApiServices } from './custom-resources/api-services.ts'
import { customResourceCleanup } from './custom-resources/cleanup.ts'
import { customResourceNaming } from './custom-resources/naming.ts'
import { daemonSetController } from './daemon-set/index.ts'
import { deploymentController } from './deployment/index.ts'
import { type ResourceSource, resourceSource } from './discovery.ts'
import { disruptionBudgetController } from './disruption-budget/index.ts'
import { dnsEndpointsController } from './dns-endpoints.ts'
import { endpointsController } from './endpoints/legacy.ts'
import { endpointSliceMirroring } from './endpoints/mirror.ts'
import { endpointSliceController } from './endpoints/slices.ts'
import { ephemeralVolumeController } from './ephemeral-volumes.ts'
import { startGarbageCollector } from './garbage/collector.ts'
import { jobController } from './job/index.ts'
import { legacyTokenCleaner } from './legacy-token-cleaner.ts'
import { namespaceController } from './namespace.ts'
import type { OtherContent } from './namespace-content.ts'
import { nodeIpamController } from './node/ipam.ts'
import { nodeLifecycleController } from './node/lifecycle.ts'
import { taintEvictionController } from './node/taint-eviction.ts'
import { ttlController } from './node/ttl.ts'
import { flowControlObjectControllers } from './flow-control-objects.ts'
import { flowSchemaController } from './flow-schemas.ts'
import { type OwnServiceOptions, ownServiceController } from './own-service.ts'
import { policyTypeChecking } from './policy-types/index.ts'
import { podGarbageCollector } from './pod-gc.ts'
import { replicaSetController, replicationController } from './replica-set.ts'
import { resourceClaimGenerator } from './resource-claims/generate.ts'
import { resourceClaimRelease } from './resource-claims/release.ts'
import { deviceTaintEviction } from './resource-claims/taint-eviction.ts'
import { resourceQuotaController } from './quota.ts'
import { rootCaPublisher } from './root-ca-publisher.ts'
import { serviceAccountController } from './service-account.ts'
import { serviceAddressController } from './service-addresses.ts'
import { serviceCidrController } from './service-cidr.ts'
import { serviceAccountSecrets } from './service-account-secrets.ts'
import { attachDetachController } from './storage/attach-detach/index.ts'
import { attributesClassProtection } from './storage/attributes-class-protection.ts'
import { staleDisruptions } from './stale-disruptions.ts'
import { claimBinder } from './storage/claims.ts'
import { volumeExpansion } from './storage/expansion.ts'
import { claimProtection, volumeProtection } from './storage/protection.ts'
import { volumePhases } from './storage/volumes.ts'
import { statefulSetController } from './stateful-set/index.ts'

/** What controllers know of the cluster beside its objects. */
export interface ControllersOptions {
  transport: Transport
  /** In the name of the API server, which upstream has do some of the work itself; {@link transport} when absent. */
  ofServer?: Transport | undefined
  clock: Clock
  signal: AbortSignal
  signer: CertificateSigner
  /** Pods' addresses: `10.244.0.0/16`. */
  clusterCidr: string
  /** Services' addresses: the registry hands them out, the ServiceCIDR `kubernetes` shows them. */
  serviceCidr: string
  /** The API server, as the service `kubernetes` leads to it; nobody keeps that service when absent. */
  apiServer?: OwnServiceOptions | undefined
  /** The cluster's CA, PEM. */
  rootCa: string
  log: Log
  /** Measures pods for autoscalers; nothing is measured when absent. */
  usage?: UsageSource | undefined
  /** Asks other servers of the cluster for metrics that autoscalers name; nobody is asked when absent. */
  metrics?: AskOthers | undefined
  /** What other servers hold in namespaces; nothing when absent. */
  others?: OtherContent | undefined
  /** Built-in resources that can be listed, watched and deleted; all kinds of the kind table when absent. */
  resources?: readonly ResourceRef[] | undefined
  /** Shared with others in the process (the scheduler); own ones when absent. */
  informers?: InformerFactory | undefined
  /** Counts what work queues do; nobody does when absent. */
  queues?: WorkQueueMetrics | undefined
  /** Counts what controllers do; nobody does when absent. */
  counts?: ControllerMetrics | undefined
}

/** All of them, at work. */
export interface Controllers {
  /** Ends all work in reverse order. */
  stop(): Promise<void>
  /** All caches are complete and every controller works. */
  readonly synced: Promise<void>
}

/** Every controller there is but those of the server, in the order they start. To add one, write its file and a line here. */
function controllers(options: ControllersOptions, resources: ResourceSource): AnyController[] {
  return [
    namespaceController(resources, options.others),
    serviceAccountController(),
    serviceAccountSecrets(options.rootCa),
    legacyTokenCleaner(),
    rootCaPublisher(options.rootCa),
    nodeIpamController(options.clusterCidr),
    nodeLifecycleController(undefined, undefined, options.counts?.nodes),
    taintEvictionController(),
    ttlController(),
    csrApprover(options.signer),
    csrSigner(options.signer),
    csrCleaner(),
    podCertificateRequestCleaner(),
    bootstrapTokenCleaner(),
    clusterRoleAggregation(),
    daemonSetController(),
    deploymentController(),
    replicaSetController(),
    statefulSetController(),
    jobController(options.counts?.jobs),
    cronJobController(options.counts?.cronJobs),
    autoscalerController(options.usage ?? noUsage, resources, options.metrics),
    replicationController(),
    claimBinder(),
    volumePhases(),
    claimProtection(),
    volumeProtection(),
    attributesClassProtection(),
    volumeExpansion(),
    attachDetachController(),
    ephemeralVolumeController(),
    resourceClaimGenerator(),
    resourceClaimRelease(),
    deviceTaintEviction(),
    endpointsController(),
    endpointSliceController(),
    endpointSliceMirroring(),
    dnsEndpointsController(),
    disruptionBudgetController(resources),
    staleDisruptions(),
    podGarbageCollector(),
    resourceQuotaController(() => resources.list()),
    policyTypeChecking(),
  ]
}

/** Those that are part of the API server upstream: fields that they write are the server's. */
const controllersOfServer = ({ serviceCidr, apiServer }: ControllersOptions): AnyController[] => [
  customResourceNaming(),
  customResourceCleanup(),
  customResourceApiServices(),
  serviceCidrController(serviceCidr),
  serviceAddressController(),
  ...(apiServer ? [ownServiceController(apiServer)] : []),
  flowSchemaController(),
  ...flowControlObjectControllers(),
]

/** Starts all controllers over one set of shared informers. */
export function startControllers(options: ControllersOptions): Controllers {
  const { transport, ofServer = transport, clock, log, queues } = options
  const abort = new AbortController()
  const signal = AbortSignal.any([options.signal, abort.signal])
  const client = createClient(transport)
  const onError = (error: unknown, ref: ResourceRef) =>
    log.warn('list or watch failed', { resource: ref.resource, group: ref.group, error: String(error) })
  const informers = options.informers ?? informerFactory({ client, clock, signal, onError })
  const builtIn = options.resources ?? builtInResources()
  const hasCrds = builtIn.some((ref) => ref.resource === refs.customResourceDefinitions.resource)
  const crds = hasCrds ? informers.informer(refs.customResourceDefinitions) : undefined
  const resources = resourceSource(builtIn, crds)
  const shared = { client, informers, clock, signal, log, queues }
  const server = { ...shared, client: createClient(ofServer) }
  const running = [
    ...controllersOfServer(options).map((definition) => runController(definition, server)),
    ...controllers(options, resources).map((definition) => runController(definition, shared)),
    startGarbageCollector({ ...shared, resources }),
  ]
  return {
    synced: Promise.all(running.map(({ synced }) => synced)).then(() => undefined),
    async stop() {
      abort.abort()
      for (const controller of running.toReversed()) await controller.stop()
    },
  }
}
