import type Docker from 'dockerode'
import { describe, expect, it } from 'vitest'
import { connectEngine, engineError } from './engine.ts'

const failing = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code })

describe('engineError', () => {
  it.each([
    ['ENOENT', undefined, false, /^Docker is not installed\.\nInstall/],
    ['ENOENT', undefined, true, /^Docker is installed but not running\.\nStart it/],
    ['ECONNREFUSED', undefined, true, /^Docker is installed but not running\./],
    ['EACCES', undefined, true, /^Docker is running, but this user may not use it\.\nAdd the user to the group/],
    ['ENOENT', 'unix:///x', true, /^No Docker engine answers at unix:\/\/\/x, where DOCKER_HOST points\.\nStart that/],
    ['EPIPE', undefined, true, /^Docker does not answer: connect EPIPE\.\nCheck/],
  ] as const)('of %s (DOCKER_HOST %s, installed: %s) names the remedy', (code, host, installed, words) => {
    expect(engineError(failing(code), host, installed).describe()).toMatch(words)
  })

  it('is what connecting to an engine that refuses us throws', async () => {
    const closed = { ping: () => Promise.reject(failing('EACCES')) } as Docker
    await expect(connectEngine({ docker: closed })).rejects.toMatchObject({ name: 'UserError' })
  })
})
