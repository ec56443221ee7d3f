import { describe, expect, it } from 'vitest'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { applyText, tryText } from './apply.ts'
import type { Kube } from './kube.ts'

interface Write {
  method: string
  path: string
  dry: boolean
  force: boolean
  body: KubeObject
}

/** A server that answers writes by `answer`, which throws to refuse. */
function setup(answer: (write: Write) => void, stored: Record<string, KubeObject> = {}) {
  const writes: Write[] = []
  const kube = partial<Kube>({
    get(path: string): Promise<unknown> {
      if (path === '/api/v1')
        return Promise.resolve({
          resources: [
            { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
            { name: 'namespaces', kind: 'Namespace', namespaced: false },
          ],
        })
      const found = stored[path]
      return found ? Promise.resolve(found) : Promise.reject(new StatusError(404, 'NotFound', 'not found'))
    },
    send(method: string, path: string, body: unknown) {
      const object = (typeof body === 'string' ? JSON.parse(body) : body) as KubeObject
      const query = new URLSearchParams(path.split('?')[1])
      const write = {
        method,
        path: path.split('?')[0]!,
        dry: query.has('dryRun'),
        force: query.has('force'),
        body: object,
      }
      writes.push(write)
      return new Promise((resolve) => {
        answer(write)
        resolve({ object, warnings: [] })
      })
    },
  })
  return { writes, cluster: { kube } }
}

const map = (name: string, value = '1'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: "${value}"}\n`
const conflict = (...owners: string[]): StatusError =>
  new StatusError(409, 'Conflict', 'Apply failed', {
    causes: owners.map((owner) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with "${owner}" using v1`,
      field: '.data.a',
    })),
  })
const there = (name: string) => ({
  [`/api/v1/namespaces/default/configmaps/${name}`]: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', uid: name, resourceVersion: '7' },
    data: { a: 'theirs' },
  } satisfies KubeObject,
})
const outcomes = ({ results }: { results: Array<{ outcome: string }> }): string[] => results.map((r) => r.outcome)
const options = { namespace: 'default' }

describe('applying a text', () => {
  it('asks the server first and then stores it all', async () => {
    const { cluster, writes } = setup(() => undefined)
    const run = await applyText(cluster, `${map('a')}---\n${map('b')}`, options)
    expect([run.stored, ...outcomes(run)]).toEqual([true, 'created', 'created'])
    expect(writes.map((w) => [w.method, w.dry])).toEqual([
      ['PATCH', true],
      ['PATCH', true],
      ['PATCH', false],
      ['PATCH', false],
    ])
  })

  it('stores nothing when one document would fail, and the others when told to', async () => {
    const { cluster, writes } = setup(({ path }) => {
      if (path.endsWith('/bad')) throw new StatusError(422, 'Invalid', 'is invalid')
    })
    const text = `${map('good')}---\n${map('bad')}---\n- nonsense\n`
    const first = await applyText(cluster, text, options)
    expect([first.stored, ...outcomes(first)]).toEqual([false, 'created', 'failed', 'failed'])
    expect(writes.every((w) => w.dry)).toBe(true)
    const second = await applyText(cluster, text, { ...options, anyway: true })
    expect([second.stored, ...outcomes(second)]).toEqual([true, 'created', 'failed', 'failed'])
    expect(writes.filter((w) => !w.dry).map((w) => w.path)).toEqual(['/api/v1/namespaces/default/configmaps/good'])
  })

  it('does not fail for a namespace that an earlier document makes', async () => {
    let made = false
    const { cluster } = setup(({ path, dry }) => {
      if (path.includes('/namespaces/new/') && !made)
        throw new StatusError(404, 'NotFound', 'namespaces "new" not found')
      if (!dry) made = true
    })
    const text = `apiVersion: v1\nkind: Namespace\nmetadata: {name: new}\n---\n${map('a').replace('{name: a}', '{name: a, namespace: new}')}`
    const run = await applyText(cluster, text, options)
    expect([run.stored, ...outcomes(run)]).toEqual([true, 'created', 'created'])
  })

  it("never takes another's field unasked: it says whose it is and both values", async () => {
    const { cluster, writes } = setup(({ force }) => {
      if (!force) throw conflict('kubectl-edit')
    }, there('a'))
    const [result] = await tryText(cluster, map('a', 'mine'), options)
    expect(result).toMatchObject({
      outcome: 'conflict',
      conflicts: [{ field: '.data.a', owner: 'kubectl-edit', theirs: 'theirs', mine: 'mine' }],
    })
    expect((await applyText(cluster, map('a', 'mine'), options)).stored).toBe(false)
    expect(writes.some((w) => w.force)).toBe(false)
    const run = await applyText(cluster, map('a', 'mine'), { ...options, takeOver: new Set([0]) })
    expect([run.stored, ...outcomes(run)]).toEqual([true, 'configured'])
  })

  it('takes over what the app itself wrote, unless somebody wrote in between', async () => {
    const { cluster, writes } = setup(({ force }) => {
      if (!force) throw conflict('drydock')
    }, there('a'))
    const run = await applyText(cluster, map('a', 'mine'), options)
    expect(run.stored).toBe(true)
    expect(writes.filter((w) => w.force).map((w) => w.body.metadata.resourceVersion)).toEqual(['7', '7'])
    const shared = setup(({ force }) => {
      if (!force) throw conflict('drydock', 'helm')
    }, there('a'))
    expect(outcomes(await applyText(shared.cluster, map('a'), options))).toEqual(['conflict'])
  })

  it('merges where the server does not know apply', async () => {
    const refuse = ({ body, method }: Write): void => {
      if (method === 'PATCH' && typeof body === 'object' && !merged) {
        merged = true
        throw new StatusError(415, 'UnsupportedMediaType', 'not supported')
      }
    }
    let merged = false
    const old = setup(refuse, there('a'))
    await tryText(old.cluster, map('a'), options)
    expect(old.writes.map((w) => w.method)).toEqual(['PATCH', 'PATCH'])
    merged = false
    const fresh = setup(refuse)
    await tryText(fresh.cluster, map('b'), options)
    expect(fresh.writes.map((w) => [w.method, w.path])).toEqual([
      ['PATCH', '/api/v1/namespaces/default/configmaps/b'],
      ['POST', '/api/v1/namespaces/default/configmaps'],
    ])
  })
})
