import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import type { AdmissionPlugin, ObjectWatcher } from '../admission.ts'
import type { AdmissionConfiguration } from '../configuration.ts'
import type { MayUser } from '../policies/authorizer.ts'
import type { ConvertObject } from '../webhooks/seen.ts'
import type { PostReview } from '../webhooks/dispatch.ts'
import type { WebhookMetrics } from '../webhooks/metrics.ts'
import { clusterTrustBundleAttest, podCertificateSigning } from './certificate-signers.ts'
import { certificateAccess, certificateSubjectRestriction } from './certificates.ts'
import { claimResize, defaultIngressClass, defaultStorageClass } from './storage-defaults.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { limitRanger } from './limit-ranger.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction.ts'
import { nodeTaint } from './node-taint.ts'
import { podResize } from './pod-resize.ts'
import { podSecurity } from './pod-security.ts'
import { podTopologyLabels } from './pod-topology-labels.ts'
import { mutatingPolicy, validatingPolicy } from './policies.ts'
import { policyParams } from './policy-params.ts'
import { priority } from './priority.ts'
import { rbacEscalation, type HeldAccess } from './rbac-escalation.ts'
import { resourceQuota, type ChargeQuota } from './resource-quota.ts'
import { runtimeClass } from './runtime-class.ts'
import { serviceAccount } from './service-account.ts'
import { storageObjectInUseProtection } from './storage-protection.ts'
import { mutatingWebhooks, validatingWebhooks } from './webhooks.ts'

/** In the order of kube-apiserver's own defaults (kubernetes.io, "Admission Controllers Reference"). */
export function defaultPlugins(options: {
  read: ObjectWatcher
  held: HeldAccess
  charge: ChargeQuota
  post: PostReview
  may: MayUser
  convert: ConvertObject
  clock: Clock
  configuration?: AdmissionConfiguration
  /** Where webhooks are counted. */
  metrics?: { webhooks: WebhookMetrics }
}): AdmissionPlugin[] {
  const { read, held, charge, post, may, convert, clock, configuration = {}, metrics } = options
  const host = { read, may, convert }
  return [
    namespaceLifecycle(read),
    limitRanger(read),
    serviceAccount(read, clock),
    nodeRestriction(read),
    nodeTaint(),
    podSecurity(read, configuration.podSecurity),
    priority(read),
    defaultTolerationSeconds(),
    certificateAccess(held),
    podCertificateSigning(held),
    clusterTrustBundleAttest(held),
    certificateSubjectRestriction(),
    defaultStorageClass(read),
    storageObjectInUseProtection(),
    defaultIngressClass(read),
    runtimeClass(read),
    claimResize(read),
    podTopologyLabels(read),
    podResize(read),
    rbacEscalation(read, held),
    policyParams(read, held),
    mutatingPolicy(host),
    mutatingWebhooks(host, post, metrics?.webhooks),
    validatingPolicy(host),
    validatingWebhooks(host, post, metrics?.webhooks),
    resourceQuota(read, charge),
  ]
}
