// Bundles: out/agent (one file for the nodes, one for the ingress controller, both for the nodes' Node 20), out/cli (command line and its threads), out/renderer.
// `build.mjs agent cli` builds only what is named.
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { root } from './lib/shell.mjs'

const alias = [
  { find: /^(ssh2|cpu-features)$/, replacement: join(root, 'scripts/lib/no-ssh.mjs') },
  { find: /^#types\/(.+)$/, replacement: join(root, '.generated/types/$1.ts') },
  { find: /^#generated\/(.+)$/, replacement: join(root, '.generated/$1.ts') },
]

/**
 * Writes what is not ASCII as escapes: a source with one such character is held in memory with two bytes for each (20 MB of the control
 * plane's 200).
 */
const inAscii = {
  name: 'in-ascii',
  generateBundle(_, files) {
    const escape = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
    // oxlint-disable-next-line no-control-regex -- ASCII begins with control characters
    for (const file of Object.values(files)) if (file.code) file.code = file.code.replace(/[^\u0000-\u007f]/g, escape)
  },
}

/** dockerode has gRPC for builds with credentials, which nobody here asks of it: loaded with the Docker client it would cost each node 7 MB. */
const withoutBuildSessions = {
  name: 'without-build-sessions',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source === './session' && importer?.endsWith('dockerode/lib/docker.js')
      ? join(root, 'scripts/lib/no-build-session.mjs')
      : undefined,
}

/** One self-contained ES module that runs without node_modules. */
const single = ({ entry, directory, file, target }) => ({
  root,
  configFile: false,
  logLevel: 'warn',
  resolve: { alias },
  ssr: { noExternal: true, target: 'node' },
  plugins: [withoutBuildSessions, inAscii],
  build: {
    ssr: join(root, entry),
    target,
    outDir: join(root, 'out', directory),
    emptyOutDir: false,
    minify: false,
    sourcemap: true,
    rollupOptions: { output: { entryFileNames: file, format: 'es', codeSplitting: false } },
  },
})

const bundles = {
  async agent() {
    await build(single({ entry: 'src-node/main.ts', directory: 'agent', file: 'agent.mjs', target: 'node20' }))
    await build(single({ entry: 'src-ingress/main.ts', directory: 'agent', file: 'ingress.mjs', target: 'node20' }))
    mkdirSync(join(root, 'out/agent'), { recursive: true })
    copyFileSync(join(root, 'resources/node/supervisor.sh'), join(root, 'out/agent/supervisor.sh'))
  },
  async cli() {
    const entries = {
      'drydock.js': 'src-main/cli/main.ts',
      'control-plane-thread.js': 'src-main/controlplane/control-plane-thread.ts',
      'writer-thread.js': 'src-main/controlplane/store/writer-thread.ts',
    }
    for (const [file, entry] of Object.entries(entries))
      await build(single({ entry, directory: 'cli', file, target: 'node24' }))
  },
  async renderer() {
    await build({ configFile: join(root, 'vite.renderer.config.ts'), logLevel: 'warn' })
  },
}

const asked = process.argv.slice(2)
for (const name of asked.length > 0 ? asked : Object.keys(bundles)) await bundles[name]()
