import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import type { CustomResourceDefinition as Old } from '#types/apiextensions.k8s.io/v1beta1'
import { createdAtColumn, nameColumn } from '../cells.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'
import { fromStorage, toStorage } from './v1beta1.ts'

const WEBHOOK_PORT = 443

/** A kind that users add (kubernetes.io, "Custom Resources"); what it describes is made servable by `kinds/custom`. */
export const customResourceDefinition = defineKind<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  cluster: true,
  status: true,
  hasGeneration: true,
  defaults,
  others: [
    otherVersion<Old, CustomResourceDefinition>({
      group: 'apiextensions.k8s.io',
      version: 'v1beta1',
      deprecated: deprecated('1.16', '1.22', 'apiextensions.k8s.io/v1 CustomResourceDefinition'),
      defaults: oldDefaults,
      toStorage,
      fromStorage,
    }),
  ],
  columns: [nameColumn, createdAtColumn],
  row: (o) => [o.metadata.name, o.metadata.creationTimestamp ?? null],
})

function defaults({ spec }: CustomResourceDefinition): void {
  if (!spec) return
  defaultNames(spec)
  spec.versions ??= []
  spec.conversion ??= { strategy: 'None' }
  const service = spec.conversion.webhook?.clientConfig?.service
  if (service) service.port ??= WEBHOOK_PORT
}

function oldDefaults({ spec }: Old): void {
  if (!spec) return
  spec.scope ||= 'Namespaced'
  defaultNames(spec)
  spec.versions ??= []
  if (spec.versions.length === 0 && spec.version) spec.versions = [{ name: spec.version, served: true, storage: true }]
  if (!spec.version && spec.versions[0]) spec.version = spec.versions[0].name
  spec.conversion ??= { strategy: 'None' }
  if (spec.conversion.strategy === 'Webhook' && !spec.conversion.conversionReviewVersions?.length)
    spec.conversion.conversionReviewVersions = ['v1beta1']
  const service = spec.conversion.webhookClientConfig?.service
  if (service) service.port ??= WEBHOOK_PORT
  spec.preserveUnknownFields ??= true
}

function defaultNames(spec: Pick<CustomResourceDefinition['spec'], 'names'>): void {
  const names = (spec.names ??= { plural: '', kind: '' })
  if (!names.kind) return
  names.singular ||= names.kind.toLowerCase()
  names.listKind ||= `${names.kind}List`
}
