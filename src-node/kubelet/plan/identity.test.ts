import { describe, expect, it } from 'vitest'
import type { Container, Pod, PodSecurityContext } from '#types/core/v1'
import { parseAccounts } from './accounts.ts'
import { resolveUser } from './identity.ts'

const accounts = parseAccounts({
  passwd: 'root:x:0:0:root:/root:/bin/sh\n# none\nbroken:x:one:1\nalice:x:1000:1000::/home/alice:/bin/sh\n',
  group: 'root:x:0:\nalice:x:1000:\nstaff:x:50000:alice,bob\nwheel:x:10:root\nodd:x:y:alice\n',
})

it('users and groups are read from their files, lines that are none left out', () => {
  expect(accounts.users).toEqual([
    { name: 'root', uid: 0, gid: 0 },
    { name: 'alice', uid: 1000, gid: 1000 },
  ])
  expect(accounts.groups.map(({ name }) => name)).toEqual(['root', 'alice', 'staff', 'wheel'])
})

describe('the user of a container', () => {
  const resolve = (
    shared: PodSecurityContext,
    {
      imageUser = '',
      own = {},
      known = true,
    }: { imageUser?: string; own?: Container['securityContext']; known?: boolean } = {},
  ) => {
    const pod = { spec: { containers: [], securityContext: shared } } as unknown as Pod
    const container: Container = { name: 'c', ...(own ? { securityContext: own } : {}) }
    return resolveUser(pod, container, { imageUser, accounts: known ? accounts : undefined })
  }

  it('has the groups in which the image lists it besides those of the pod', () => {
    expect(resolve({ runAsUser: 1000, runAsGroup: 3000, supplementalGroups: [4000] })).toEqual({
      user: '1000:3000',
      groups: [4000, 50_000],
      identity: { uid: 1000, gid: 3000, supplementalGroups: [3000, 4000, 50_000] },
    })
  })

  it('has none of them where the pod wants it strict', () => {
    const strict: PodSecurityContext = { supplementalGroupsPolicy: 'Strict', supplementalGroups: [4000], fsGroup: 5000 }
    expect(resolve({ ...strict, runAsUser: 1000, runAsGroup: 3000 })).toEqual({
      user: '1000:3000',
      groups: [5000, 4000],
      identity: { uid: 1000, gid: 3000, supplementalGroups: [3000, 4000, 5000] },
    })
    // The engine adds them where no group is named: its own is.
    expect(resolve({ ...strict, runAsUser: 1000 })).toMatchObject({ user: '1000:1000', identity: { gid: 1000 } })
    expect(resolve(strict, { imageUser: 'alice' }).user).toBe('alice:1000')
    expect(resolve(strict, { imageUser: 'alice:wheel' }).user).toBe('alice:10')
    expect(resolve(strict).user).toBe('0:0')
    expect(resolve(strict, { imageUser: '77' }).user).toBe('77:0')
  })

  it('leaves to the engine what it does by itself', () => {
    expect(resolve({ runAsUser: 1000 })).toEqual({
      user: '1000',
      groups: [],
      identity: { uid: 1000, gid: 1000, supplementalGroups: [1000, 50_000] },
    })
    expect(resolve({}, { imageUser: 'alice' })).toMatchObject({ user: undefined, groups: [], identity: { uid: 1000 } })
  })

  it("of an image that names a group has the image's other groups as well", () => {
    expect(resolve({}, { imageUser: 'alice:10' })).toEqual({
      user: undefined,
      groups: [50_000],
      identity: { uid: 1000, gid: 10, supplementalGroups: [10, 50_000] },
    })
  })

  it('is what the container says before what the pod does', () => {
    const asked = resolve({ runAsUser: 1, runAsGroup: 2 }, { own: { runAsUser: 1000 } })
    expect(asked).toMatchObject({ user: '1000:2', identity: { uid: 1000, gid: 2 } })
  })

  it('is told of by number alone where the image cannot be read, and not at all by a name', () => {
    expect(resolve({}, { imageUser: '7:8', known: false }).identity).toEqual({
      uid: 7,
      gid: 8,
      supplementalGroups: [8],
    })
    expect(resolve({}, { imageUser: 'alice', known: false }).identity).toBeUndefined()
  })
})
