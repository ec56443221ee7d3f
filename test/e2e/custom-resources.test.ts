/** Custom resources as users know them: with every promised kubectl, against a control plane without nodes. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../helpers/cluster.ts'

const root = join(import.meta.dirname, '../..')
const fixture = (name: string): string => join(root, 'test/fixtures/acceptance', name)
const versions = ['1.20', '1.32', '1.36'].filter((one) => existsSync(join(root, `.cache/clients/kubectl-${one}`)))
const cluster = new TestCluster('crd')
const CRD = 'postgresqls.acid.example.com'

beforeAll(() => cluster.drydock('up', '--nodes', '0', '--detach'))
afterAll(() => cluster.delete())

describe.each(versions)('kubectl %s', (version) => {
  const kubectl = (...args: string[]) => cluster.kubectl(version, ...args)
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(...args)
    expect(stderr.replaceAll(/^Warning: .*\n/gm, '')).toBe('')
    expect(code).toBe(0)
    return stdout
  }
  const changed = (spec: object): string => {
    const file = join(cluster.data, 'changed.json')
    const metadata = { name: 'team-a-db' }
    writeFileSync(file, JSON.stringify({ apiVersion: 'acid.example.com/v1', kind: 'postgresql', metadata, spec }))
    return file
  }

  it('serves what an old-style definition defines, with its columns and short name', async () => {
    const { stderr } = await kubectl('apply', '-f', fixture('crd.yaml'))
    expect(stderr).toContain('Warning: apiextensions.k8s.io/v1beta1 CustomResourceDefinition is deprecated')
    await ok('wait', '--for=condition=Established', `crd/${CRD}`)
    await ok('apply', '-f', fixture('crd-object.yaml'))
    const [header, row] = (await ok('get', 'pg')).split('\n')
    expect(header?.split(/\s+/)).toEqual(['NAME', 'TEAM', 'VERSION', 'PODS', 'VOLUME'])
    expect(row?.split(/\s+/)).toEqual(['team-a-db', 'team-a', '15', '2', '5Gi'])
  })

  it('explains it', async () => {
    // Old clients read version 2 of OpenAPI, which names no fields where unknown ones are kept, as in all definitions of v1beta1.
    const words = version === '1.20' ? /KIND: +postgresql\n/ : /teamId\s+<string> -required-/
    expect(await ok('explain', 'pg.spec')).toMatch(words)
  })

  it('holds it to its schema', async () => {
    const { code, stderr } = await kubectl('apply', '-f', changed({ teamId: 'a', numberOfInstances: -1 }))
    expect(code).toBe(1)
    expect(stderr).toContain(
      'spec.numberOfInstances: Invalid value: -1: spec.numberOfInstances in body should be greater than or equal to 0',
    )
    expect((await kubectl('patch', 'pg', 'team-a-db', '-p', '{}')).stderr).toContain('in an unknown format')
    await ok('patch', 'pg', 'team-a-db', '--type', 'merge', '-p', '{"spec":{"numberOfInstances":3}}')
    expect(await ok('get', 'pg', 'team-a-db', '-o', 'jsonpath={.spec.numberOfInstances}')).toBe('3')
  })

  it('deletes the objects with their definition', async () => {
    await ok('delete', 'crd', CRD)
    expect((await kubectl('get', 'pg')).code).toBe(1)
    await kubectl('apply', '-f', fixture('crd.yaml'))
    await ok('wait', '--for=condition=Established', `crd/${CRD}`)
    expect(await ok('get', 'pg', '-o', 'name')).toBe('')
    await ok('delete', 'crd', CRD)
  })
})
