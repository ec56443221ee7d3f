// `npm test`: every test, after everything they need is there. `test.mjs e2e` runs only those on real nodes and a real browser.
// Ends with `N passed, N failed`.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import { checks } from './lib/checks.mjs'
import { ensurePackages } from './lib/packages.mjs'
import { ensureClients } from './lib/clients.mjs'
import { bin, environment, root, run, step } from './lib/shell.mjs'
import { setup } from './setup.mjs'

const only = process.argv[2]

/** Files of the e2e project that start no nodes, and say nothing of how quick something is. */
const withoutNodes = [
  'app',
  'app-clusters',
  'app-dock',
  'app-editor',
  'app-kubectl',
  'app-lists',
  'app-pages',
  'app-past',
  'app-trace',
  'bad-input',
  'cli',
  'custom-resources',
  'leftovers',
  'old-kubectl',
].map((name) => `test/e2e/${name}.test.ts`)
const faults = 'test/e2e/faults.test.ts'
const suites = {
  unit: ['--project', 'unit', '--coverage'],
  renderer: ['--project', 'renderer'],
  integration: ['--project', 'integration'],
  'without-nodes': ['--project', 'e2e', ...withoutNodes],
  // Nodes fail and come back in Kubernetes' own times: it mostly waits, and says what it saw at its end.
  faults: ['--project', 'e2e', faults],
  nodes: ['--project', 'e2e', ...[...withoutNodes, faults].flatMap((file) => ['--exclude', file])],
}

function gate() {
  for (const [, command, args] of checks) run(join(bin, command), args)
}

/**
 * Runs one suite and counts its tests from its own report. The unit tests are measured: a pure part that covers less of its
 * branches than vitest.config.ts asks counts as one failure. One that runs beside others (`aside`) is shown when it has ended.
 */
async function suite(name, { aside = false } = {}) {
  const report = join(root, '.cache', `${name}.json`)
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const child = spawn(join(bin, 'vitest'), ['run', ...suites[name], ...reporters, '--passWithNoTests'], {
    cwd: root,
    stdio: aside ? ['ignore', 'pipe', 'inherit'] : 'inherit',
    env: environment(),
  })
  const shown = aside ? text(child.stdout) : ''
  const [status] = await once(child, 'close')
  process.stdout.write(await shown)
  if (!existsSync(report)) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'))
  const broken = status !== 0 && numFailedTests === 0
  return { passed: numPassedTests, failed: numFailedTests + (broken ? Math.max(1, numFailedTestSuites) : 0) }
}

try {
  await setup()
  mkdirSync(join(root, '.cache'), { recursive: true })
  if (process.platform === 'linux') {
    await step('Browser, fonts and tools of the tests', () =>
      ensurePackages({
        chromium: '/usr/bin/chromium',
        'fonts-noto-cjk': '/usr/share/fonts/opentype/noto',
        'busybox-static': '/bin/busybox',
        unzip: '/usr/bin/unzip',
        curl: '/usr/bin/curl',
        strace: '/usr/bin/strace',
        'nginx-light': '/usr/sbin/nginx',
        // Nodes' networks in namespaces of the kernel.
        iproute2: '/usr/bin/ip',
        iptables: '/usr/sbin/iptables',
        nftables: '/usr/sbin/nft',
        ipset: '/usr/sbin/ipset',
        conntrack: '/usr/sbin/conntrack',
        socat: '/usr/bin/socat',
      }),
    )
    await step('Clients: kubectl, helm', ensureClients)
  }
  if (!only) await step('Format, lint and types', gate)
  const results = only === 'e2e' ? [] : [await suite('unit'), await suite('renderer')]
  const failing = suite('faults', { aside: true })
  if (only !== 'e2e') results.push(await suite('integration'))
  results.push(await suite('without-nodes'), await failing, await suite('nodes'))
  const sum = (which) => results.reduce((total, result) => total + result[which], 0)
  const totals = { passed: sum('passed'), failed: sum('failed') }
  console.log(`${totals.passed} passed, ${totals.failed} failed`)
  process.exit(totals.failed > 0 ? 1 : 0)
} catch (error) {
  console.error(`\n${error.message}`)
  console.log('0 passed, 1 failed')
  process.exit(1)
}
