import { describe, expect, it } from 'vitest'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { createObjectEdit } from './object-edit.ts'

/** A server with one object that refuses writes from an old revision. */
function setup() {
  const server: { object: KubeObject; puts: string[] } = {
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', uid: 'u', resourceVersion: '1' },
      data: { a: '1', b: '1' },
    },
    puts: [],
  }
  const write = (change: Partial<KubeObject>): void => {
    const revision = String(Number(server.object.metadata.resourceVersion) + 1)
    server.object = { ...server.object, ...change, metadata: { ...server.object.metadata, resourceVersion: revision } }
  }
  const storage = new Map<string, string>()
  const make = (propose?: (object: KubeObject) => KubeObject) =>
    createObjectEdit({
      ...(propose ? { propose } : {}),
      load: () => Promise.resolve(server.object),
      put(object, { dryRun }) {
        server.puts.push(object.metadata.resourceVersion!)
        if (object.metadata.resourceVersion !== server.object.metadata.resourceVersion)
          return Promise.reject(new StatusError(409, 'Conflict', 'the object has been modified'))
        if (!dryRun) write(object)
        return Promise.resolve({ object: dryRun ? object : server.object, warnings: [] })
      },
      storage: {
        getItem: (key) => storage.get(key) ?? null,
        setItem: (key, value) => void storage.set(key, value),
        removeItem: (key) => void storage.delete(key),
      },
      draftKey: 'draft',
    })
  return { server, write, storage, make }
}

describe('the editing of an object', () => {
  it('saves from the revision it was made from', async () => {
    const { server, make } = setup()
    const edit = make()
    await edit.open()
    expect(edit.unsaved.value).toBe(false)
    edit.text.value = edit.text.value.replace('a: "1"', 'a: "2"')
    expect(edit.unsaved.value).toBe(true)
    await edit.dryRun()
    expect([edit.note.value, edit.unsaved.value]).toEqual(['valid', true])
    await edit.save()
    expect([edit.note.value, edit.unsaved.value]).toEqual(['saved', false])
    expect(server.object).toMatchObject({ data: { a: '2', b: '1' } })
  })

  it('begins with what is proposed, unsaved, and goes on from there after a reload', async () => {
    const { server, make } = setup()
    const edit = make((object) => ({ ...object, data: { a: '0' } }))
    await edit.open()
    expect([edit.unsaved.value, edit.text.value]).toEqual([true, expect.stringContaining('a: "0"')])
    edit.text.value = edit.text.value.replace('a: "0"', 'a: "9"')
    edit.keep()
    const again = make()
    await again.open()
    expect(again.text.value).toContain('a: "9"')
    await again.save()
    expect(server.object).toMatchObject({ data: { a: '9' } })
    expect(server.object['data']).not.toHaveProperty('b')
  })

  it('is not stopped by a change of the status alone', async () => {
    const { server, write, make } = setup()
    const edit = make()
    await edit.open()
    edit.text.value = edit.text.value.replace('a: "1"', 'a: "2"')
    write({ status: { phase: 'Active' } })
    await edit.save()
    expect(edit.note.value).toBe('saved')
    expect(server.puts).toEqual(['1', '2'])
  })

  it("shows another's change instead of overwriting it, and merges what does not collide", async () => {
    const { server, write, make } = setup()
    const edit = make()
    await edit.open()
    edit.text.value = edit.text.value.replace('a: "1"', 'a: mine')
    write({ data: { a: '1', b: 'theirs' } })
    await edit.save()
    expect(edit.conflict.value?.changes).toEqual([{ path: ['data', 'b'], before: '1', theirs: 'theirs' }])
    expect(server.object).toMatchObject({ data: { a: '1', b: 'theirs' } })
    expect(edit.text.value).toContain('a: mine')
    await edit.merge()
    expect(server.object).toMatchObject({ data: { a: '1' } })
    expect(edit.unsaved.value).toBe(true)
    await edit.save()
    expect(server.object).toMatchObject({ data: { a: 'mine', b: 'theirs' } })
  })

  it('lets the user choose where both changed a field', async () => {
    for (const side of ['mine', 'theirs'] as const) {
      const { write, make } = setup()
      const edit = make()
      await edit.open()
      edit.text.value = edit.text.value.replace('a: "1"', 'a: mine')
      write({ data: { a: 'theirs', b: '1' } })
      await edit.save()
      expect(edit.conflict.value?.changes[0]?.mine).toEqual({ value: 'mine' })
      edit.choices.value['.data.a'] = side
      await edit.merge()
      expect(edit.text.value).toContain(`a: ${side}`)
    }
  })

  it('takes theirs when asked to', async () => {
    const { write, make } = setup()
    const edit = make()
    await edit.open()
    edit.text.value = edit.text.value.replace('a: "1"', 'a: mine')
    write({ data: { a: 'theirs', b: '1' } })
    await edit.save()
    edit.discard()
    expect([edit.text.value.includes('a: theirs'), edit.unsaved.value]).toEqual([true, false])
  })

  it('keeps the text through a reload and a failure', async () => {
    const { storage, make } = setup()
    const first = make()
    await first.open()
    first.text.value = 'kind: [broken'
    first.keep()
    await first.save()
    expect(first.problem.value).not.toBe('')
    const second = make()
    await second.open()
    expect([second.text.value, second.note.value]).toEqual(['kind: [broken', 'restored'])
    second.text.value = second.baseText.value
    second.keep()
    expect(storage.size).toBe(0)
  })
})
