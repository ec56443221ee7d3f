import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { makeNode, podWith, root } from './testing/node.ts'

describe('claims', () => {
  const claim = (more: object = {}) => ({
    metadata: { name: 'data', namespace: 'a', uid: 'c1' },
    spec: { volumeName: 'pv' },
    status: { phase: 'Bound' },
    ...more,
  })
  const bound = { persistentVolumeClaim: { claimName: 'data' } }
  const persistent = (spec: object) => ({ metadata: { name: 'pv' }, spec })

  it('are where the volume that they are bound to is', async () => {
    const { volumes, server } = makeNode()
    const path = join(root, 'disk')
    await mkdir(path)
    server.put(refs.persistentVolumeClaims, claim())
    server.put(refs.persistentVolumes, persistent({ hostPath: { path } }))
    expect((await volumes.setUp(podWith(bound), {})).get('v')).toBe(path)
    server.put(refs.persistentVolumes, persistent({ local: { path }, claimRef: { uid: 'c1' } }))
    expect((await volumes.setUp(podWith(bound), {})).get('v')).toBe(path)
  })

  it('are made when they are mounted first, for everybody, if they were provisioned', async () => {
    const { volumes, server } = makeNode()
    const path = join(root, 'shared', 'pvc-1')
    const annotations = { 'pv.kubernetes.io/provisioned-by': 'drydock.dev/shared' }
    server.put(refs.persistentVolumeClaims, claim())
    server.put(refs.persistentVolumes, { metadata: { name: 'pv', annotations }, spec: { hostPath: { path } } })
    expect((await volumes.setUp(podWith(bound), {})).get('v')).toBe(path)
    expect((await stat(path)).mode & 0o777).toBe(0o777)
  })

  it('are given to the group, but not again where the root says that it was done', async () => {
    const { volumes, server, ran } = makeNode()
    const path = join(root, 'group-disk')
    await mkdir(path)
    const { chmod } = await import('node:fs/promises')
    await chmod(path, 0o2775)
    server.put(refs.persistentVolumeClaims, claim())
    server.put(refs.persistentVolumes, persistent({ local: { path } }))
    const fsGroup = (await stat(path)).gid
    const policy = (fsGroupChangePolicy: string, group: number) =>
      podWith(bound, { securityContext: { fsGroup: group, fsGroupChangePolicy } })
    await volumes.setUp(policy('OnRootMismatch', fsGroup), {})
    expect(ran).toEqual([])
    await volumes.setUp(policy('OnRootMismatch', fsGroup + 1), {})
    await volumes.setUp(policy('Always', fsGroup), {})
    expect(ran).toHaveLength(6)
  })

  it('that are a path of the node stay whose they are, whatever group the pod has', async () => {
    const { volumes, server, ran } = makeNode()
    const path = join(root, 'of-the-node')
    await mkdir(path)
    server.put(refs.persistentVolumeClaims, claim())
    server.put(refs.persistentVolumes, persistent({ hostPath: { path } }))
    await volumes.setUp(podWith(bound, { securityContext: { fsGroup: 2000 } }), {})
    expect(ran).toEqual([])
  })

  it.each([
    ['1234', [1234]],
    ['staff', []],
    [undefined, []],
  ])('whose volume has %s as its group tell the groups %j until they are taken down', async (noted, groups) => {
    const { volumes, server } = makeNode()
    const path = join(root, `noted-${noted}`)
    await mkdir(path)
    const annotations = noted === undefined ? {} : { 'pv.beta.kubernetes.io/gid': noted }
    server.put(refs.persistentVolumeClaims, claim())
    server.put(refs.persistentVolumes, { metadata: { name: 'pv', annotations }, spec: { hostPath: { path } } })
    const pod = podWith(bound)
    await volumes.setUp(pod, {})
    expect(volumes.groupsOf(pod.metadata.uid)).toEqual(groups)
    await volumes.tearDown(pod.metadata.uid)
    expect(volumes.groupsOf(pod.metadata.uid)).toEqual([])
  })

  const unprocessed = `Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[v]: `
  const process = `${unprocessed}error processing PVC a/data: `
  it.each([
    [claim({ status: { phase: 'Pending' } }), {}, `${process}PVC is not bound`],
    [
      claim(),
      { hostPath: { path: '/' }, claimRef: { uid: 'x' } },
      `${process}found PV object pv but its pv.Spec.ClaimRef.UID x does not point to claim.UID c1`,
    ],
    [
      claim(),
      { hostPath: { path: '/' }, volumeMode: 'Block' },
      `${unprocessed}volume v has volumeMode Block, but is specified in volumeMounts`,
    ],
    [
      claim(),
      { iscsi: {} },
      'MountVolume.SetUp failed for volume "pv" : no volume plugin matched for persistent volume pv',
    ],
    [
      claim(),
      { hostPath: { path: '/nowhere', type: 'Directory' } },
      'MountVolume.SetUp failed for volume "pv" : hostPath type check failed: /nowhere is not a directory',
    ],
    [
      claim(),
      { local: { path: '/nowhere/at/all' } },
      'MountVolume.NewMounter initialization failed for volume "pv" : path "/nowhere/at/all" does not exist',
    ],
  ])('%j with %j fail: %s', async (made, spec, words) => {
    const { volumes, server } = makeNode()
    server.put(refs.persistentVolumeClaims, made)
    server.put(refs.persistentVolumes, persistent(spec))
    await expect(volumes.setUp(podWith(bound), {})).rejects.toMatchObject({ message: words })
  })

  it('are only mounted on nodes that are theirs', async () => {
    const { volumes, server } = makeNode()
    const term = (value: string) => ({ matchExpressions: [{ key: 'zone', operator: 'In', values: [value] }] })
    const required = { nodeSelectorTerms: [term('a'), term('b')] }
    server.put(refs.persistentVolumeClaims, claim())
    server.put(refs.persistentVolumes, persistent({ local: { path: root }, nodeAffinity: { required } }))
    server.put(refs.nodes, { metadata: { name: 'n1', labels: { zone: 'c' } } })
    await expect(volumes.setUp(podWith(bound), {})).rejects.toThrow(
      'MountVolume.NodeAffinity check failed for volume "pv" : no matching NodeSelectorTerms',
    )
    server.put(refs.nodes, { metadata: { name: 'n1', labels: { zone: 'b' } } })
    expect((await volumes.setUp(podWith(bound), {})).get('v')).toBe(root)
  })

  it("that are a pod's own must have been made for it", async () => {
    const { volumes, server } = makeNode()
    const metadata = { name: 'p-v', namespace: 'a', uid: 'c1' }
    const pod = podWith({ ephemeral: {} })
    server.put(refs.persistentVolumes, persistent({ hostPath: { path: '/' } }))
    server.put(refs.persistentVolumeClaims, claim({ metadata }))
    await expect(volumes.setUp(pod, {})).rejects.toThrow('PVC a/p-v was not created for pod a/p (pod is not owner)')
    const ownerReferences = [{ uid: 'u', controller: true }]
    server.put(refs.persistentVolumeClaims, claim({ metadata: { ...metadata, ownerReferences } }))
    expect((await volumes.setUp(pod, {})).get('v')).toBe('/')
  })
})
