import { refs } from '../../../src-kube/client/refs.ts'
import { isAlreadyExists } from '../../../src-kube/machinery/errors.ts'
import { type AnyController, defineController, done, watching } from '../../../src-kube/runtime/controller.ts'
import { namespaceEnds } from './refusal.ts'

const CONFIG_MAP_NAME = 'kube-root-ca.crt'
const DESCRIPTION_KEY = 'kubernetes.io/description'
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. ' +
  'No other usage is guaranteed across distributions of Kubernetes clusters.'

/** Publishes the cluster's CA (PEM) as config map `kube-root-ca.crt` in every active namespace and undoes changes to it. */
export function rootCaPublisher(rootCa: string): AnyController {
  const annotations = { [DESCRIPTION_KEY]: DESCRIPTION }
  return defineController({
    name: 'root-ca-certificate-publisher',
    for: refs.namespaces,
    watches: [
      watching(refs.configMaps, ({ metadata }) =>
        metadata.name === CONFIG_MAP_NAME && metadata.namespace ? [metadata.namespace] : [],
      ),
    ],
    async reconcile(ctx, { metadata, status }) {
      if (metadata.deletionTimestamp || status?.phase === 'Terminating') return done
      const configMaps = ctx.client.resource(refs.configMaps)
      const found = ctx.informer(refs.configMaps).get(`${metadata.name}/${CONFIG_MAP_NAME}`)
      const data = { 'ca.crt': rootCa }
      if (!found) {
        const where = { name: CONFIG_MAP_NAME, namespace: metadata.name, annotations }
        try {
          await configMaps.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: where, data })
        } catch (error) {
          if (!isAlreadyExists(error) && !namespaceEnds(error)) throw error
        }
        return done
      }
      const keys = Object.keys(found.data ?? {})
      const described = found.metadata.annotations?.[DESCRIPTION_KEY] !== undefined
      if (keys.length === 1 && found.data?.['ca.crt'] === rootCa && described) return done
      const whole = { ...found.metadata, annotations: { ...found.metadata.annotations, ...annotations } }
      await configMaps.update({ ...found, metadata: whole, data })
      return done
    },
  })
}
