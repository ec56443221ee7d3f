import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { cdiEdits } from './index.ts'
import { deviceEdits } from './plan/edits.ts'
import { parseSpec } from './plan/spec.ts'

const root = await mkdtemp(join(tmpdir(), 'cdi-'))
afterAll(() => rm(root, { recursive: true }))

const SPEC = `
cdiVersion: 0.5.0
kind: vendor.com/gpu
containerEdits:
  env: [VENDOR=1, EMPTY]
  mounts:
    - {hostPath: /opt/lib, containerPath: /usr/lib/vendor, options: [ro, nosuid, bind]}
devices:
  - name: gpu0
    containerEdits:
      env: [GPU=0, "LIST=a=b"]
      deviceNodes: [{path: /dev/gpu0, hostPath: /dev/card0, permissions: rw}, {path: /dev/ctl}]
      additionalGids: [44, 0]
  - name: gpu1
    containerEdits: {env: [GPU=1], deviceNodes: [{path: /dev/ctl}]}
`

const placed = (text: string, priority = 0) => ({ spec: parseSpec(text), priority })

describe('what devices ask of a container', () => {
  it('is what all of a specification share, once, and then what is their own', () => {
    expect(deviceEdits(['vendor.com/gpu=gpu0', 'vendor.com/gpu=gpu1'], [placed(SPEC)])).toEqual({
      env: { VENDOR: '1', EMPTY: '', GPU: '1', LIST: 'a=b' },
      devices: [
        { PathOnHost: '/dev/card0', PathInContainer: '/dev/gpu0', CgroupPermissions: 'rw' },
        { PathOnHost: '/dev/ctl', PathInContainer: '/dev/ctl', CgroupPermissions: 'rwm' },
      ],
      mounts: [{ source: '/opt/lib', target: '/usr/lib/vendor', readOnly: true }],
      groups: [44],
    })
  })

  it('is said by the directory that counts most, and by nobody where two of one disagree', () => {
    const later = placed(SPEC.replaceAll('GPU=0', 'GPU=later'), 1)
    expect(deviceEdits(['vendor.com/gpu=gpu0'], [later, placed(SPEC)]).env).toMatchObject({ GPU: 'later' })
    expect(() => deviceEdits(['vendor.com/gpu=gpu0', 'vendor.com/gpu=x'], [placed(SPEC), placed(SPEC)])).toThrow(
      'CDI device injection failed: unresolvable CDI devices vendor.com/gpu=gpu0, vendor.com/gpu=x',
    )
  })

  it.each([
    ['hooks: [{hookName: createContainer, path: /bin/ctk}]', 'asks for the hook createContainer (/bin/ctk)'],
    ['mounts: [{hostPath: t, containerPath: /t, type: tmpfs}]', 'asks for a mount of type tmpfs at /t'],
    ['netDevices: [{hostInterfaceName: eth9, name: eth0}]', 'asks for the network device eth9'],
    ['intelRdt: {closID: x}', 'asks for Intel RDT'],
  ])('is refused in clear words when the engine cannot do it: %s', (edit, words) => {
    const text = `{cdiVersion: 1.0.0, kind: v.com/c, devices: [{name: d, containerEdits: {${edit}}}]}`
    expect(() => deviceEdits(['v.com/c=d'], [placed(text)])).toThrow(`v.com/c=d: ${words}, which this node's engine`)
  })
})

describe('a specification', () => {
  it.each([
    ['[]', 'cdiVersion'],
    ['7', 'no CDI specification'],
    ['{cdiVersion: 9.0.0, kind: v.com/c, devices: [{name: d}]}', '"9.0.0" is no version'],
    ['{cdiVersion: 0.5.0, kind: gpu, devices: [{name: d}]}', '"gpu" is not of the form vendor/class'],
    ['{cdiVersion: 0.5.0, kind: v.com/c}', 'at least one'],
    ['{cdiVersion: 0.5.0, kind: v.com/c, devices: [{name: "a b"}]}', '"a b" is no name of a device'],
    ['{cdiVersion: 0.5.0, kind: v.com/c, devices: [{name: d}, {name: d}]}', '"d" is there twice'],
  ])('is not %s', (text, words) => {
    expect(() => parseSpec(text)).toThrow(words)
  })
})

it('specifications are read as JSON and YAML; what is none is told of and passed over', async () => {
  const [etc, run] = [join(root, 'etc'), join(root, 'run')]
  await mkdir(run)
  await writeFile(join(run, 'vendor.yaml'), SPEC)
  await writeFile(join(run, 'other.json'), JSON.stringify({ ...parseSpec(SPEC), cdiVersion: '0.6.0', kind: 'o.com/c' }))
  await writeFile(join(run, 'broken.json'), '{')
  await writeFile(join(run, 'README'), '{')
  const logged: string[] = []
  const options = { directories: [etc, run], log: (words: string) => void logged.push(words) }
  expect((await cdiEdits(['o.com/c=gpu1'], options)).env).toMatchObject({ GPU: '1' })
  expect(logged.map((words) => words.slice(0, join(run, 'broken.json').length))).toEqual([join(run, 'broken.json')])
  expect((await cdiEdits([], options)).devices).toEqual([])
})
