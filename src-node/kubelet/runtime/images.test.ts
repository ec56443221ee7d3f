import type Docker from 'dockerode'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Container, Pod, Secret } from '#types/core/v1'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { noted, type PullRecord } from '../plan/pull-records.ts'
import { Images } from './images.ts'

interface World {
  /** Images on the node, with their users. */
  held: Record<string, string>
  /** What the registry has, with the user it wants to hear of. */
  registry: Record<string, string | undefined>
  desktop: string[]
  secrets: Record<string, Secret>
  /** What the engine reports of whatever it fetches. */
  report: string[]
}

/** An engine, a registry and a desktop of so many images. */
function imagesIn(given: Partial<World>) {
  const world: World = { held: {}, registry: {}, desktop: [], secrets: {}, report: [], ...given }
  const events: string[] = []
  const pulls: Array<string | undefined> = []
  const clock = new FakeClock()
  const end = () => Promise.resolve(Readable.from(world.report))
  const fails = () => world.report.join('').includes('"error"')
  const docker = partial<Docker>({
    getImage: (name: string) => ({
      inspect() {
        if (name in world.held) return Promise.resolve({ Id: name, Config: { User: world.held[name] }, Size: 7 })
        return Promise.reject(Object.assign(new Error('no such image'), { statusCode: 404 }))
      },
    }),
    pull(name: string, { authconfig }: { authconfig?: { username: string } }) {
      pulls.push(authconfig?.username)
      const bare = name.replace(/:latest$/, '')
      if (!(bare in world.registry)) return Promise.reject(new Error('manifest unknown'))
      if (world.registry[bare] !== authconfig?.username) return Promise.reject(new Error('unauthorized'))
      if (!fails()) world.held[bare] = ''
      return end()
    },
    loadImage: (archive: string) => {
      if (!fails()) world.held[archive] = ''
      return end()
    },
    importImage: (_path: string, { repo, tag }: { repo: string; tag: string }) => {
      world.held[`${repo}:${tag}`] = ''
      return end()
    },
  })
  const records = new Map<string, PullRecord>()
  const images = new Images({
    docker,
    clock,
    records: {
      of: (image) => Promise.resolve(records.get(image)),
      note: (image, _repository, by) => Promise.resolve(void records.set(image, noted(records.get(image), by))),
    },
    verification: 'NeverVerifyPreloadedImages',
    secret: (_namespace, name) => Promise.resolve(world.secrets[name]),
    fromDesktop: (name) => Promise.resolve(world.desktop.includes(name) ? (name as unknown as Readable) : undefined),
    event: ({ container }, type, reason, message) =>
      events.push(`${container?.name ?? 'pod'} ${type} ${reason}: ${message}`),
  })
  return { world, images, events, pulls, clock }
}

const pod = (...secrets: string[]) =>
  partial<Pod>({
    metadata: { name: 'p', namespace: 'ns', uid: 'u' },
    spec: { containers: [], imagePullSecrets: secrets.map((name) => ({ name })) },
  })
const container = (image: string, imagePullPolicy: Container['imagePullPolicy'] = 'IfNotPresent'): Container => ({
  name: 'c',
  image,
  imagePullPolicy,
})
const login = (server: string, username: string) =>
  partial<Secret>({
    metadata: { name: username, namespace: 'ns', uid: username },
    data: {
      '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: { [server]: { username, password: 'x' } } })).toString(
        'base64',
      ),
    },
  })

describe('an image', () => {
  it('that the node has is taken as it is, with its user', async () => {
    const { images, events } = imagesIn({ held: { app: 'me' } })
    expect(await images.ensure(pod(), container('app'))).toEqual({ user: 'me' })
    expect(events).toEqual([
      'c Normal Pulled: Container image "app" already present on machine and can be accessed by the pod',
    ])
  })

  it('that is missing is pulled', async () => {
    const { images, events, pulls } = imagesIn({ registry: { app: undefined } })
    expect(await images.ensure(pod(), container('app'))).toEqual({ user: '' })
    expect(pulls).toEqual([undefined])
    expect(events).toEqual([
      'c Normal Pulling: Pulling image "app"',
      'c Normal Pulled: Successfully pulled image "app" in 0ms (0ms including waiting). Image size: 7 bytes.',
    ])
  })

  it('is not had where the engine fails half-way: what it says is told, and an older one does not pass for it', async () => {
    const error = 'write /layer: no space left on device'
    // A report comes in pieces of any size.
    const report = ['{"status":"Downloading"}\r\n{"sta', `tus":"Extracting"}\n{"errorDetail":{},"error":"${error}"}`]
    const { images, events } = imagesIn({ registry: { app: undefined, old: undefined }, desktop: ['app'], report })
    const told = `failed to pull image "app": ${error}; asking the desktop failed too: ${error}`
    await expect(images.ensure(pod(), container('app'))).rejects.toThrow(told)
    expect(events.at(-1)).toBe(`c Warning Failed: Failed to pull image "app": ${told}`)
    const older = imagesIn({ held: { app: '' }, registry: { app: undefined }, report })
    await older.images.ensure(pod(), container('app', 'Always'))
    expect(older.events.at(-1)).toContain('already present on machine')
  })

  it('is pulled anew where the policy says always, or kept when there is no newer', async () => {
    const { images, pulls, world, events } = imagesIn({ held: { app: '', own: '' }, registry: { app: undefined } })
    await images.ensure(pod(), container('app', 'Always'))
    await images.ensure(pod(), container('own', 'Always'))
    expect(pulls).toHaveLength(2)
    expect(Object.keys(world.held)).toEqual(['app', 'own'])
    expect(events.at(-1)).toBe(
      'c Normal Pulled: Container image "own" already present on machine and can be accessed by the pod',
    )
  })

  it('comes from the desktop where no registry has it', async () => {
    const { images, world } = imagesIn({ desktop: ['mine:1'] })
    await images.ensure(pod(), container('mine:1'))
    expect(world.held).toHaveProperty('mine:1')
  })

  it.each([
    [345, '345ms'],
    [1234, '1.234s'],
    [62_500, '1m2.5s'],
  ])('that took %i ms came in %s', async (milliseconds, words) => {
    const { images, events, clock, world } = imagesIn({})
    await images.ensure(pod(), container('slow', 'Always')).catch(() => undefined)
    await clock.advance(10_000)
    world.registry = new Proxy({ slow: undefined } as Record<string, undefined>, {
      has(target, name) {
        if (name === 'slow') void clock.advance(milliseconds)
        return name in target
      },
    })
    await images.ensure(pod(), container('slow', 'Always'))
    expect(events.at(-1)).toContain(`Successfully pulled image "slow" in ${words} (${words} including waiting).`)
  })

  it('is pulled once for all who ask at the same time', async () => {
    const { images, pulls } = imagesIn({ registry: { app: undefined } })
    await Promise.all([images.ensure(pod(), container('app')), images.ensure(pod(), container('app'))])
    expect(pulls).toHaveLength(1)
  })

  it('of a sandbox is imported from the node itself', async () => {
    const { images, world } = imagesIn({})
    expect(await images.ensurePause()).toBe('drydock/pause:1')
    expect(world.held).toHaveProperty(['drydock/pause:1'])
    expect(await images.ensurePause()).toBe('drydock/pause:1')
  })

  it('of the ingress controller is imported from the node itself, and no registry is asked', async () => {
    const { images, world, pulls } = imagesIn({ registry: { 'drydock.dev/ingress:1': undefined } })
    await images.ensure(pod(), container('drydock.dev/ingress:1'))
    expect(world.held).toHaveProperty(['drydock.dev/ingress:1'])
    expect(pulls).toEqual([])
  })
})

describe('pull secrets', () => {
  it('are tried one after the other', async () => {
    const secrets = { a: login('registry.io', 'a'), b: login('registry.io', 'b'), c: login('other.io', 'c') }
    const { images, pulls } = imagesIn({ registry: { 'registry.io/app': 'b' }, secrets })
    await images.ensure(pod('a', 'b', 'c'), container('registry.io/app'))
    expect(pulls).toEqual(['a', 'b'])
  })

  it('that are missing are told of', async () => {
    const { images, events } = imagesIn({ registry: { 'registry.io/app': 'a' } })
    await expect(images.ensure(pod('a', 'b'), container('registry.io/app'))).rejects.toThrow('unauthorized')
    expect(events).toContain(
      'pod Warning FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (a, b); attempting to pull the image may not succeed.',
    )
  })

  it('that all fail are answered for together', async () => {
    const secrets = { a: login('registry.io', 'a'), b: login('*.io', 'b') }
    const { images } = imagesIn({ secrets })
    await expect(images.ensure(pod('a', 'b'), container('registry.io/app'))).rejects.toThrow(
      'failed to pull image "registry.io/app": [manifest unknown]; the desktop\'s Docker does not have it either',
    )
  })
})

// kubernetes.io, "Images: Ensure image pull credential verification".
describe('an image that was pulled with a secret', () => {
  const app = 'registry.io/app'
  const arrange = async (more: Partial<World> = {}) => {
    const secrets = { a: login('registry.io', 'a'), same: login('registry.io', 'a'), b: login('registry.io', 'b') }
    const world = imagesIn({ registry: { [app]: 'a' }, secrets, ...more })
    await world.images.ensure(pod('a'), container(app))
    world.pulls.length = 0
    return world
  }
  const words = `failed to pull image "${app}": unauthorized; the desktop's Docker does not have it either`

  it.each(['a', 'same'])('is there for pods that have it, or what it says: %s', async (name) => {
    const { images, pulls } = await arrange()
    await images.ensure(pod(name), container(app))
    await images.ensure(pod(name), container(app, 'Never'))
    expect(pulls).toEqual([])
  })

  it('is pulled anew for others, who may not be able to', async () => {
    const { images, pulls, world } = await arrange()
    await expect(images.ensure(pod(), container(app))).rejects.toMatchObject({ reason: 'ErrImagePull', message: words })
    await expect(images.ensure(pod('b'), container(app))).rejects.toMatchObject({ reason: 'ImagePullBackOff' })
    expect(pulls).toEqual([undefined])
    world.registry[app] = 'b'
    await images.ensure({ ...pod('b'), metadata: { ...pod('b').metadata, uid: 'v' } }, container(app))
    await images.ensure(pod('b'), container(app))
    expect(pulls).toEqual([undefined, 'b'])
  })

  it('is none for others that may not pull', async () => {
    const { images } = await arrange()
    await expect(images.ensure(pod(), container(app, 'Never'))).rejects.toMatchObject({
      reason: 'ErrImageNeverPull',
      message: `Container image "${app}" is present with pull policy of Never but does not have the proper credentials to access the image`,
    })
  })

  it("is everybody's once the desktop gave it", async () => {
    const { images, world } = await arrange()
    world.desktop.push(app)
    await images.ensure(pod(), container(app))
    await images.ensure(pod(), container(app, 'Never'))
  })

  it('is not kept for others where no newer can be had', async () => {
    const { images, world } = await arrange()
    delete world.registry[app]
    await images.ensure(pod('a'), container(app, 'Always'))
    await expect(images.ensure(pod('b'), container(app, 'Always'))).rejects.toMatchObject({ reason: 'ErrImagePull' })
  })
})

describe('an image that cannot be had', () => {
  const words = 'failed to pull image "none": manifest unknown; the desktop\'s Docker does not have it either'

  it('is tried again after 10 s, then twice as long each time up to five minutes', async () => {
    const { images, events, clock, pulls } = imagesIn({})
    const ask = () => images.ensure(pod(), container('none')).catch((error: unknown) => error)
    expect(await ask()).toMatchObject({ reason: 'ErrImagePull', message: words, retryAfter: 2000 })
    for (const delay of [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      expect(await ask()).toMatchObject({
        reason: 'ImagePullBackOff',
        message: `Back-off pulling image "none": ErrImagePull: ${words}`,
        retryAfter: delay,
      })
      await clock.advance(delay - 1)
      expect(await ask()).toMatchObject({ reason: 'ImagePullBackOff', retryAfter: 1 })
      await clock.advance(1)
      expect(await ask()).toMatchObject({ reason: 'ErrImagePull' })
    }
    expect(pulls).toHaveLength(8)
    expect(events.slice(0, 4)).toEqual([
      'c Normal Pulling: Pulling image "none"',
      `c Warning Failed: Failed to pull image "none": ${words}`,
      'c Normal BackOff: Back-off pulling image "none"',
      'c Normal Pulling: Pulling image "none"',
    ])
  })

  it('starts afresh once it came', async () => {
    const { images, world, clock } = imagesIn({})
    const ask = () => images.ensure(pod(), container('none', 'Always')).catch((error: unknown) => error)
    await ask()
    world.registry['none'] = undefined
    await clock.advance(10_000)
    expect(await ask()).toEqual({ user: '' })
    delete world.registry['none']
    delete world.held['none']
    await ask()
    expect(await ask()).toMatchObject({ reason: 'ImagePullBackOff', retryAfter: 10_000 })
  })

  it('is not pulled against the policy', async () => {
    const { images, events } = imagesIn({ registry: { app: undefined } })
    const message = 'Container image "app" is not present with pull policy of Never'
    await expect(images.ensure(pod(), container('app', 'Never'))).rejects.toMatchObject({
      reason: 'ErrImageNeverPull',
      message,
    })
    expect(events).toEqual([`c Warning ErrImageNeverPull: ${message}`])
  })

  it('may have no name', async () => {
    const { images, events } = imagesIn({})
    const message =
      'Failed to apply default image tag "a b": couldn\'t parse image name "a b": invalid reference format'
    await expect(images.ensure(pod(), container('a b'))).rejects.toMatchObject({ reason: 'InvalidImageName', message })
    expect(events).toEqual([`c Warning InspectFailed: ${message}`])
  })

  it('says when the engine itself failed', async () => {
    const docker = { getImage: () => ({ inspect: () => Promise.reject(new Error('socket closed')) }) }
    const { clock } = imagesIn({})
    const images = new Images({
      docker: partial<Docker>(docker),
      clock,
      records: { of: () => Promise.resolve(undefined), note: () => Promise.resolve() },
      verification: 'NeverVerify',
      secret: () => Promise.resolve(undefined),
      fromDesktop: () => Promise.resolve(undefined),
      event: () => undefined,
    })
    await expect(images.ensure(pod(), container('app'))).rejects.toMatchObject({
      reason: 'ImageInspectError',
      message: 'Failed to inspect image "app": socket closed',
    })
  })
})
