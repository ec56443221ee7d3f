import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import type { Observed } from '../plan/observed.ts'
import { LogLinks } from './log-links.ts'

const root = await mkdtemp(join(tmpdir(), 'log-links-'))
afterAll(() => rm(root, { recursive: true }))
const links = new LogLinks(root)
const pod = (uid: string) => ({ metadata: { name: 'web', namespace: 'shop', uid } }) as Pod

/** A container whose engine has written `text`. */
async function written(id: string, attempt: number, text: string): Promise<Observed> {
  const logPath = join(root, `${id}-json.log`)
  await writeFile(logPath, text)
  return { id, name: 'c', attempt, logPath } as Observed
}
const listed = (...path: string[]) => readdir(join(root, ...path)).then((names) => names.toSorted())

describe('the logs of a pod', () => {
  it('have their places before there are any', async () => {
    const fresh = join(root, 'fresh')
    await new LogLinks(fresh).prepare()
    await new LogLinks(fresh).prepare()
    expect((await readdir(fresh)).toSorted()).toEqual(['containers', 'pods'])
    await rm(fresh, { recursive: true })
  })

  it('are found where collectors look, and go with their container and their pod', async () => {
    await links.add(pod('u'), await written('a', 0, 'one'))
    await links.add(pod('u'), await written('b', 1, 'two'))
    expect(await listed('pods', 'shop_web_u', 'c')).toEqual(['0.log', '1.log'])
    expect(await listed('containers')).toEqual(['web_shop_c-a.log', 'web_shop_c-b.log'])
    expect(await readFile(join(root, 'containers', 'web_shop_c-b.log'), 'utf8')).toBe('two')
    await rm(join(root, 'a-json.log'))
    await links.add(pod('u'), await written('d', 2, 'three'))
    expect(await listed('pods', 'shop_web_u', 'c')).toEqual(['1.log', '2.log'])
    expect(await listed('containers')).toEqual(['web_shop_c-b.log', 'web_shop_c-d.log'])
    // Another of the same name is there before the first has gone.
    await links.add(pod('v'), await written('e', 0, 'other'))
    await links.remove({ name: 'web', namespace: 'shop', uid: 'u' })
    expect(await listed('pods')).toEqual(['shop_web_v'])
    expect(await listed('containers')).toEqual(['web_shop_c-e.log'])
  })

  it('of a container without a file, and of a pod that never was, are none', async () => {
    await links.add(pod('w'), { id: 'x', name: 'c', attempt: 0, logPath: '' } as Observed)
    expect(await listed('pods')).toEqual(['shop_web_v'])
    await links.remove({ name: 'web', namespace: 'shop', uid: '' })
    await new LogLinks(join(root, 'nowhere')).remove({ name: 'a', namespace: 'b', uid: 'c' })
    expect(await listed('pods')).toEqual(['shop_web_v'])
  })

  it('can be written anew for the same attempt', async () => {
    await links.add(pod('v'), await written('f', 0, 'again'))
    expect(await readFile(join(root, 'pods', 'shop_web_v', 'c', '0.log'), 'utf8')).toBe('again')
  })

  it('of pods that nobody knows go, with links that lead nowhere', async () => {
    await links.add(pod('x'), await written('g', 0, 'left'))
    await links.add(pod('y'), await written('h', 0, 'kept'))
    await rm(join(root, 'g-json.log'))
    await links.keep(() => new Set(['v', 'y']))
    expect(await listed('pods')).toEqual(['shop_web_v', 'shop_web_y'])
    expect(await listed('containers')).toEqual(['web_shop_c-e.log', 'web_shop_c-f.log', 'web_shop_c-h.log'])
    await new LogLinks(join(root, 'nowhere')).keep(() => new Set())
  })
})
