/** kubectl 1.20, the oldest that is promised to work, against a control plane without nodes. It is in Debian 12 only. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../helpers/cluster.ts'

const VERSION = '1.20'
const root = join(import.meta.dirname, '../..')
const isThere = existsSync(join(root, `.cache/clients/kubectl-${VERSION}`))
const fixture = (name: string): string => join(root, 'test/fixtures/acceptance', name)

describe.skipIf(!isThere)(`kubectl ${VERSION} (in Debian 12 only)`, () => {
  const cluster = new TestCluster('old')
  const kubectl = (...args: string[]) => cluster.kubectl(VERSION, ...args)
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(...args)
    expect(stderr.replaceAll(/^Warning: .*\n/gm, '')).toBe('')
    expect(code).toBe(0)
    return stdout
  }
  const manifest = (name: string, value: unknown): string => {
    const file = join(cluster.data, name)
    writeFileSync(file, JSON.stringify(value))
    return file
  }

  beforeAll(() => cluster.drydock('up', '--nodes', '0', '--detach'))
  afterAll(() => cluster.delete())

  it('applies a tutorial of its time as it stands, with its warnings', async () => {
    const { code, stderr } = await kubectl('apply', '-f', fixture('hello.yaml'))
    expect(code).toBe(0)
    expect(stderr).toContain('Warning: extensions/v1beta1 Deployment is deprecated')
    expect(await ok('get', 'deploy', '-A', '-o', 'name')).toContain('deployment.apps/k8s-demo')
  })

  it('validates what it sends by the published schema, lists too', async () => {
    const item = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
    const good = manifest('good.json', { apiVersion: 'v1', kind: 'List', items: [{ ...item, data: { x: 'y' } }] })
    expect(await ok('apply', '-f', good)).toBe('configmap/a created\n')
    const bad = manifest('bad.json', { ...item, dota: {} })
    expect((await kubectl('apply', '-f', bad)).stderr).toContain(
      'ValidationError(ConfigMap): unknown field "dota" in io.k8s.api.core.v1.ConfigMap',
    )
  })

  it('explains, prints, patches and deletes', async () => {
    expect(await ok('explain', 'deployment.spec.strategy')).toContain('rollingUpdate\t<Object>')
    expect(await ok('get', 'cm', 'a', '-o', 'wide')).toMatch(/^NAME\s+DATA\s+AGE\na\s+1\s/)
    expect(await ok('patch', 'cm', 'a', '-p', '{"data":{"x":"z"}}')).toBe('configmap/a patched\n')
    expect(await ok('get', 'cm', 'a', '-o', 'jsonpath={.data.x}')).toBe('z')
    expect(await ok('delete', 'cm', 'a')).toBe('configmap "a" deleted\n')
  })

  it('reads version, groups and resources', async () => {
    expect(await ok('version', '--short')).toContain('Server Version: v1.36')
    expect(await ok('api-versions')).toContain('extensions/v1beta1\n')
    expect(await ok('api-resources')).toMatch(/^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/m)
  })
})
