import { shallowRef, triggerRef, type ShallowRef } from 'vue'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { Kube } from '../api/kube.ts'
import type { Definitions } from './json-schema.ts'

/** The schemas of one cluster, fetched by group version when a text first names it. */
export interface SchemaStore {
  /** By `apiVersion`; `null` where the cluster serves none. Triggered whenever one arrives. */
  readonly schemas: ShallowRef<ReadonlyMap<string, Definitions | null>>
  /** Why texts are not checked now, in the server's words. */
  readonly failure: ShallowRef<string | undefined>
  /** Fetches what is not there yet; never rejects. What cannot be fetched now is asked for again at the next call. */
  want(apiVersions: readonly string[]): Promise<void>
}

interface OpenapiDocument {
  components?: { schemas?: Definitions }
}

const stores = new Map<string, SchemaStore>()

/** The store of a cluster; all its editors share it. */
export function schemasOf(kube: Kube): SchemaStore {
  const known = stores.get(kube.cluster)
  if (known) return known
  const made = createSchemaStore(kube)
  stores.set(kube.cluster, made)
  return made
}

/**
 * Schemas from `/openapi/v3` (kubernetes.io, "The Kubernetes API", OpenAPI V3). A server without it leaves texts unchecked:
 * what is wrong comes to light in the dry run.
 */
export function createSchemaStore(kube: Pick<Kube, 'get'>): SchemaStore {
  const loaded = new Map<string, Definitions | null>()
  const schemas = shallowRef<ReadonlyMap<string, Definitions | null>>(loaded)
  const failure = shallowRef<string>()
  const underway = new Map<string, Promise<void>>()

  const load = async (apiVersion: string): Promise<void> => {
    try {
      const document = await kube.get<OpenapiDocument>(openapiPath(apiVersion))
      loaded.set(apiVersion, document.components?.schemas ?? {})
      failure.value = undefined
    } catch (error) {
      const absent = error instanceof StatusError && error.code === 404 && (await isServerWithSchemas())
      if (!absent) return void (failure.value = error instanceof Error ? error.message : String(error))
      loaded.set(apiVersion, null)
    } finally {
      underway.delete(apiVersion)
    }
    triggerRef(schemas)
  }
  /** Tells a version that is not served from a server that publishes no schemas at all. */
  const isServerWithSchemas = (): Promise<boolean> =>
    kube.get('/openapi/v3').then(
      () => true,
      () => false,
    )
  return {
    schemas,
    failure,
    async want(apiVersions) {
      const missing = apiVersions.filter((one) => !loaded.has(one))
      await Promise.all(
        missing.map((one) => {
          const run = underway.get(one) ?? load(one)
          underway.set(one, run)
          return run
        }),
      )
    },
  }
}

const openapiPath = (apiVersion: string): string =>
  `/openapi/v3/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}`
