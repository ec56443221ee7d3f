import type { APIService } from '#types/apiregistration.k8s.io/v1'
import { age, ageColumn, nameColumn, text } from '../cells.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'

/** kubernetes.io, "Kubernetes API Aggregation Layer": who serves a group version, this server (`Local`) or a service of the cluster. */
export const apiService = defineKind<APIService>({
  group: 'apiregistration.k8s.io',
  kind: 'APIService',
  plural: 'apiservices',
  categories: ['api-extensions'],
  cluster: true,
  status: true,
  defaults,
  others: [
    otherVersion<APIService, APIService>({
      group: 'apiregistration.k8s.io',
      version: 'v1beta1',
      deprecated: deprecated('1.19', '1.22', 'apiregistration.k8s.io/v1 APIService'),
      defaults,
    }),
  ],
  columns: [nameColumn, text('Service'), text('Available'), ageColumn],
  row: (o, now) => [o.metadata.name, service(o), available(o), age(o, now)],
})

function defaults({ spec }: APIService): void {
  if (spec?.service) spec.service.port ??= 443
}

function service({ spec }: APIService): string {
  return spec?.service ? `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}` : 'Local'
}

function available({ status }: APIService): string {
  const found = status?.conditions?.find(({ type }) => type === 'Available')
  if (!found) return 'Unknown'
  return found.status === 'True' ? 'True' : `${found.status} (${found.reason ?? ''})`
}
