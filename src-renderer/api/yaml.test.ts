import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { readManifests, toYaml } from './yaml.ts'

describe('manifests', () => {
  it('are split into documents, each with its line; empty ones do not count', () => {
    const found = readManifests(
      '# hello\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n---\napiVersion: v1\nkind: Service\nmetadata: {name: b}\n',
    )
    expect(found.map((d) => [d.line, d.object?.kind])).toEqual([
      [3, 'Pod'],
      [8, 'Service'],
    ])
  })

  it('say what is wrong, where', () => {
    expect(readManifests('apiVersion: v1\nkind: Pod\nmetadata:\n  name: [a\n')[0]).toMatchObject({
      problem: expect.stringMatching(/./),
    })
    expect(readManifests('kind: Pod')[0]?.problem).toBe('apiVersion not set')
    expect(readManifests('hello')[0]?.problem).toContain('not an object')
    expect(readManifests('apiVersion: v1\nkind: Pod\nmetadata: {}')[0]?.problem).toContain('name or generateName')
  })

  it('are taken out of lists, with scalars as Kubernetes reads them', () => {
    const found = readManifests(
      'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: yes, z: 0777}}',
    )
    expect(found[0]?.object?.['data']).toEqual({ x: true, z: 511 })
  })

  it('keep dates and times of day as text, so that what is read back is what was written', () => {
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, creationTimestamp: 2026-01-01T10:00:00Z}\ndata: {at: 12:30, on: 2026-01-01}\n'
    expect(readManifests(text)[0]?.object).toMatchObject({
      metadata: { creationTimestamp: '2026-01-01T10:00:00Z' },
      data: { at: '12:30' },
    })
  })

  it('read back as what they were, whatever their strings look like', () => {
    const words = [
      'yes',
      'on',
      'y',
      'n',
      'No',
      '1_000',
      '0b11',
      '0o17',
      '0777',
      '1e3',
      '12:30',
      '2026-01-01',
      '~',
      'null',
      '1_0.5',
    ]
    const data = Object.fromEntries(
      words.flatMap((word, i) => [
        [`k${i}`, word],
        [word, 'x'],
      ]),
    )
    const object = partial<KubeObject>({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data })
    expect(readManifests(toYaml(object))[0]?.object).toEqual(object)
  })

  it('are written in the order in which people read them', () => {
    const object = partial<KubeObject>({
      status: { phase: 'Running' },
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { resourceVersion: '7', labels: { b: '1' }, name: 'a', uid: 'u', namespace: 'n' },
      spec: {},
    })
    expect(
      toYaml(object)
        .match(/^ *\w+(?=:)/gm)
        ?.map((key) => key.trim()),
    ).toEqual('apiVersion kind metadata name namespace labels b resourceVersion uid spec status phase'.split(' '))
  })

  it('are written without managed fields', () => {
    const object = partial<KubeObject>({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', managedFields: [{}] },
    })
    expect(toYaml(object)).toBe('apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n')
  })
})
