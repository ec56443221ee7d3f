import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'

const root = join(import.meta.dirname, '../..')
const alias = [
  { find: /^#types\/(.+)$/, replacement: join(root, '.generated/types/$1.ts') },
  { find: /^#generated\/(.+)$/, replacement: join(root, '.generated/$1.ts') },
]

/**
 * Builds an image on the desktop's engine that runs `main.ts` of a folder of test/fixtures, on the image `busybox`. It has no Node of its own: pods of it
 * mount the node's `/usr`.
 */
export async function buildFixtureImage(fixture: string, tag: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), `drydock-${fixture}-`))
  try {
    await build({
      root,
      configFile: false,
      logLevel: 'warn',
      resolve: { alias },
      ssr: { noExternal: true, target: 'node' },
      build: {
        ssr: join(root, 'test/fixtures', fixture, 'main.ts'),
        target: 'node20',
        outDir: directory,
        emptyOutDir: false,
        minify: false,
        rollupOptions: { output: { entryFileNames: 'main.mjs', format: 'es', codeSplitting: false } },
      },
    })
    const lines = ['FROM busybox', 'COPY main.mjs /main.mjs', 'ENTRYPOINT ["/usr/bin/node", "/main.mjs"]', '']
    writeFileSync(join(directory, 'Dockerfile'), lines.join('\n'))
    execFileSync('docker', ['build', '-q', '-t', tag, directory], { stdio: 'ignore' })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
