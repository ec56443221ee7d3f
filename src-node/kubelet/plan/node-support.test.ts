import { expect, it } from 'vitest'
import type { AppArmorProfile, Pod, PodSpec } from '#types/core/v1'
import { hasAppArmor } from '../runtime/app-armor.ts'
import { asksForAppArmor, supportRefusal } from './node-support.ts'

const pod = (spec: Partial<PodSpec>): Pod => ({ spec: { containers: [{ name: 'c' }], ...spec } }) as Pod
const confined = (type: AppArmorProfile['type']) => ({ securityContext: { appArmorProfile: { type } } })

it('a pod that wants to be confined is not taken where that cannot be', () => {
  const local = pod(confined('Localhost'))
  expect(supportRefusal(local, { appArmor: false })?.reason).toBe('AppArmor')
  expect(supportRefusal(local, { appArmor: true })).toBeUndefined()
  expect(supportRefusal(pod({}), { appArmor: false })).toBeUndefined()
})

it('a pod asks for AppArmor by its own profile or that of any container', () => {
  expect(asksForAppArmor(pod({ initContainers: [{ name: 'i', ...confined('RuntimeDefault') }] }))).toBe(true)
  expect(asksForAppArmor(pod(confined('Unconfined')))).toBe(false)
})

it('the engine says whether it has AppArmor', async () => {
  const engine = (SecurityOptions: string[] | null) => ({ info: () => Promise.resolve({ SecurityOptions }) })
  expect(await hasAppArmor(engine(['name=apparmor', 'name=seccomp,profile=builtin']))).toBe(true)
  expect(await hasAppArmor(engine(['name=seccomp,profile=builtin']))).toBe(false)
  expect(await hasAppArmor(engine(null))).toBe(false)
})
