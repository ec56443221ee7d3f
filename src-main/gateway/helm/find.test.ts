import { expect, it } from 'vitest'
import type { Machine } from '../find-program.ts'
import { findHelm, missingHelm, remedyFor } from './find.ts'

const machine = (there: string[], over: Partial<Machine> = {}): Machine => ({
  platform: 'linux',
  environment: { PATH: '/usr/bin:relative:/opt/x' },
  home: '/home/me',
  isProgram: (path) => there.includes(path),
  ...over,
})

it('takes what DRYDOCK_HELM names, and nothing else then', () => {
  const environment = { DRYDOCK_HELM: '/mine/helm', PATH: '/usr/bin' }
  expect(findHelm(machine(['/mine/helm', '/usr/bin/helm'], { environment }))).toBe('/mine/helm')
  expect(findHelm(machine(['/usr/bin/helm'], { environment }))).toBeUndefined()
  expect(missingHelm({ platform: 'linux', environment })).toEqual({ named: '/mine/helm' })
  expect(remedyFor({ named: '/mine/helm' })).toContain('DRYDOCK_HELM names /mine/helm')
})

it('takes the first on the PATH, then looks where it usually lies', () => {
  expect(findHelm(machine(['/opt/x/helm', '/usr/local/bin/helm']))).toBe('/opt/x/helm')
  expect(findHelm(machine(['/usr/local/bin/helm']))).toBe('/usr/local/bin/helm')
  expect(findHelm(machine(['/opt/homebrew/bin/helm'], { environment: {} }))).toBe('/opt/homebrew/bin/helm')
  expect(findHelm(machine(['/home/me/.rd/bin/helm']))).toBe('/home/me/.rd/bin/helm')
  expect(findHelm(machine(['/home/me/.local/bin/helm']))).toBe('/home/me/.local/bin/helm')
  expect(findHelm(machine(['relative/helm', 'helm']))).toBeUndefined()
})

it('looks for helm.exe on Windows', () => {
  const windows = { platform: 'win32', environment: { Path: 'C:\\Tools;D:\\Bin' }, home: 'C:\\Users\\me' } as const
  expect(findHelm(machine(['D:\\Bin\\helm.exe'], windows))).toBe('D:\\Bin\\helm.exe')
  expect(findHelm(machine(['C:\\Users\\me\\.rd\\bin\\helm.exe'], windows))).toBe('C:\\Users\\me\\.rd\\bin\\helm.exe')
})

it('says how to get helm on each system', () => {
  expect(remedyFor(missingHelm({ platform: 'darwin', environment: {} }))).toContain('brew install helm')
  expect(remedyFor(missingHelm({ platform: 'win32', environment: {} }))).toContain('winget install Helm.Helm')
  expect(remedyFor(missingHelm({ platform: 'linux', environment: {} }))).toContain('get-helm-4')
})
