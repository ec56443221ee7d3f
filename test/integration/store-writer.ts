/** A process that creates objects until it is killed; says on stdout which creations were acknowledged. */
import { openStore } from '../../src-main/controlplane/store/index.ts'

const [directory, round, compacting] = process.argv.slice(2) as [string, string, string]
const store = await openStore({ directory })
const value = new Uint8Array(2600).fill(120)
process.stdout.write('ready\n')
let batch: string[] = []
const flush = (): void => {
  if (batch.length > 0) process.stdout.write(batch.join(''))
  batch = []
}
for (let i = 0; i < 1000; i += 10) {
  const keys = Array.from({ length: 10 }, (_, j) => `/round-${round}/${i + j}`)
  await Promise.all(
    keys.map(async (key) => {
      const { modRevision } = await store.create(key, value)
      batch.push(`${key} ${modRevision}\n`)
    }),
  )
  flush()
  if (compacting === 'compact' && i % 50 === 0) await store.compact(store.revision)
}
process.stdout.write('done\n')
await store.close()
