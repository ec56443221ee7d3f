import { describe, expect, test } from 'vitest'
import { kinds, groupOrder } from '../../../../src-kube/kinds/index.ts'
import { ResourceTable } from '../resources.ts'
import type { Dialect } from './definitions.ts'
import { operations } from './operations.ts'

const v2: Dialect = { prefix: '#/definitions/' }
const v3: Dialect = { prefix: '#/components/schemas/' }
const table = new ResourceTable(kinds, groupOrder)

interface Parameter {
  name?: string
  in?: string
  $ref?: string
  schema?: object
}
interface Said {
  operationId: string
  tags: string[]
  consumes: string[]
  produces: string[]
  parameters: Parameter[]
  requestBody?: { content: object; required?: boolean }
  responses: Record<string, { schema?: object; content?: object }>
}
type Paths = Record<string, Record<string, Said> & { parameters: Parameter[] }>

const described = (apiVersion: string, plural: string) =>
  table.resources(apiVersion).find(({ descriptor }) => descriptor.plural === plural)!
const paths = (apiVersion: string, plural: string, dialect = v2): Paths =>
  operations(
    described(apiVersion, plural),
    apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`,
    dialect,
  ) as Paths
const meta = (type: string) => ({ $ref: `#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.${type}` })
const core = (type: string) => ({ $ref: `#/definitions/io.k8s.api.core.v1.${type}` })
const named = ({ parameters }: { parameters: Parameter[] }) =>
  parameters.map(({ name, $ref }) => name ?? $ref!.split('/').at(-1)!)

// What generators of clients need, as upstream's document has it.
describe('operations on a kind in a namespace', () => {
  const all = paths('v1', 'configmaps')
  const many = all['/api/v1/namespaces/{namespace}/configmaps']!
  const one = all['/api/v1/namespaces/{namespace}/configmaps/{name}']!

  test('have the names that generated clients call them by', () => {
    const ids = Object.values(all).flatMap((item) =>
      Object.values(item).flatMap((said) => ('operationId' in said ? said.operationId : [])),
    )
    expect(ids).toEqual([
      'listCoreV1NamespacedConfigMap',
      'createCoreV1NamespacedConfigMap',
      'deleteCoreV1CollectionNamespacedConfigMap',
      'readCoreV1NamespacedConfigMap',
      'replaceCoreV1NamespacedConfigMap',
      'patchCoreV1NamespacedConfigMap',
      'deleteCoreV1NamespacedConfigMap',
      'listCoreV1ConfigMapForAllNamespaces',
      'watchCoreV1NamespacedConfigMapList',
      'watchCoreV1NamespacedConfigMap',
      'watchCoreV1ConfigMapListForAllNamespaces',
    ])
  })

  test('stand at paths whose parameters are told', () => {
    expect(named(many)).toEqual(['namespace', 'pretty'])
    expect(named(one)).toEqual(['name', 'namespace', 'pretty'])
    expect(named(all['/api/v1/configmaps']!)).toEqual(['pretty'])
  })

  test('answer a list with a list, a deletion with a status and all else with the object', () => {
    expect(many['get']!.responses).toEqual({
      200: { description: 'OK', schema: core('ConfigMapList') },
      401: { description: 'Unauthorized' },
    })
    expect(Object.keys(many['post']!.responses)).toEqual(['200', '201', '202', '401'])
    expect(one['put']!.responses['201']!.schema).toEqual(core('ConfigMap'))
    expect(one['delete']!.responses['202']!.schema).toEqual(meta('Status'))
    expect(many['delete']!.responses['200']!.schema).toEqual(meta('Status'))
  })

  test('tell what is sent to them, and as what', () => {
    const body = { name: 'body', in: 'body', required: true }
    expect(many['post']!.parameters[0]).toEqual({ ...body, schema: core('ConfigMap') })
    expect(one['patch']!.parameters[0]).toEqual({ ...body, schema: meta('Patch') })
    expect(one['delete']!.parameters[0]).toEqual({ name: 'body', in: 'body', schema: meta('DeleteOptions') })
    expect(one['patch']!.consumes).toContain('application/apply-patch+yaml')
    expect(many['get']!.produces).toContain('application/json;stream=watch')
  })

  test('have what clients look for where it is used, and what all lists have once', () => {
    expect(named(one['patch']!)).toEqual(['body', 'dryRun', 'fieldManager', 'fieldValidation', 'force'])
    expect(one['patch']!.parameters.slice(1).every(({ $ref }) => $ref === undefined)).toBe(true)
    expect(many['get']!.parameters).toContainEqual({ $ref: '#/parameters/labelSelector' })
  })

  test('of version 3 have a body of their own, and contents by their types', () => {
    const { requestBody, responses } = paths('v1', 'configmaps', v3)['/api/v1/namespaces/{namespace}/configmaps']![
      'post'
    ]!
    const schema = { $ref: '#/components/schemas/io.k8s.api.core.v1.ConfigMap' }
    expect(requestBody).toEqual({ content: { '*/*': { schema } }, required: true })
    expect(responses['201']!.content).toMatchObject({ 'application/vnd.kubernetes.protobuf': { schema } })
  })
})

describe('operations on other kinds', () => {
  test('of the whole cluster have no namespace', () => {
    const all = paths('v1', 'nodes')
    expect(all['/api/v1/nodes']!['get']!.operationId).toBe('listCoreV1Node')
    expect(all['/api/v1/watch/nodes/{name}']!['get']!.operationId).toBe('watchCoreV1Node')
  })

  test('are those that the kind has', () => {
    expect(Object.keys(paths('v1', 'namespaces')['/api/v1/namespaces']!)).toEqual(['get', 'post', 'parameters'])
  })

  test('are named by groups of several words', () => {
    const { operationId, tags } = paths('rbac.authorization.k8s.io/v1', 'clusterroles')[
      '/apis/rbac.authorization.k8s.io/v1/clusterroles'
    ]!['get']!
    expect([operationId, tags]).toEqual(['listRbacAuthorizationV1ClusterRole', ['rbacAuthorization_v1']])
  })

  test('answer a deletion with the object where the server does', () => {
    const pod = paths('v1', 'pods')['/api/v1/namespaces/{namespace}/pods/{name}']!
    expect(pod['delete']!.responses['200']!.schema).toEqual(core('Pod'))
  })
})

describe('operations on subresources', () => {
  const base = '/api/v1/namespaces/{namespace}/pods/{name}'
  const all = paths('v1', 'pods')

  test('are named after the kind they belong to, and speak their own', () => {
    const scale = paths('apps/v1', 'deployments')['/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale']!
    expect(scale['get']!.operationId).toBe('readAppsV1NamespacedDeploymentScale')
    expect(scale['put']!.parameters[0]!.schema).toEqual({ $ref: '#/definitions/io.k8s.api.autoscaling.v1.Scale' })
    const { post } = all[`${base}/eviction`]!
    expect(post!.responses['201']!.schema).toEqual({ $ref: '#/definitions/io.k8s.api.policy.v1.Eviction' })
  })

  test('connect by either method, with what they take', () => {
    const exec = all[`${base}/exec`]!
    expect([exec['get']!.operationId, exec['post']!.operationId]).toEqual([
      'connectCoreV1GetNamespacedPodExec',
      'connectCoreV1PostNamespacedPodExec',
    ])
    expect(named(exec['post']!)).toEqual(['command', 'container', 'stderr', 'stdin', 'stdout', 'tty'])
  })

  test('of proxies take every method, with a path or without', () => {
    const { head, options } = all[`${base}/proxy/{path}`]!
    expect([head!.operationId, options!.operationId]).toEqual([
      'connectCoreV1HeadNamespacedPodProxyWithPath',
      'connectCoreV1OptionsNamespacedPodProxyWithPath',
    ])
    expect(named(all[`${base}/proxy/{path}`]!)).toEqual(['name', 'namespace', 'path'])
  })

  test('answer a log as text', () => {
    const { get } = all[`${base}/log`]!
    expect(get).toMatchObject({
      operationId: 'readCoreV1NamespacedPodLog',
      responses: { 200: { schema: { type: 'string' } } },
    })
    expect(get!.produces[0]).toBe('text/plain')
    expect(named(get!)).toContain('tailLines')
  })
})
